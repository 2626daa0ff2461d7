"""`videoalignment features`, `videoalignment train-pca`, and rmac_features.py, which does both."""

import logging
import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videoalignment.cli.console import EXIT_BAD_INPUT
from videoalignment.errors import OptionError

if TYPE_CHECKING:
    from videoalignment.features.outcome import Outcome

logger = logging.getLogger(__name__)

_NO_PCA = "none"
_RESNET = "resnet34"


def rmac_features(*, train_pca: bool | None, out_folder: Path, **options: Any) -> int:
    """Write the features of videos or, asked to, train the whitening."""
    if train_pca:
        return train_whitening(**options)
    return features(out_folder=out_folder, **options)


def features(*, source: Path, out_folder: Path, pca_prefix: str | None, **options: Any) -> int:
    """Write the features of videos; status 2 where a video failed."""
    from videoalignment.features.folders import (
        ExtractionOptions,
        NetworkOptions,
        extract_features,
    )

    given = _resolved(options)
    outcome = extract_features(
        source,
        out_folder,
        pca_prefix=None if pca_prefix == _NO_PCA else pca_prefix,
        network=_made(NetworkOptions, given),
        options=_made(ExtractionOptions, given),
    )
    return _print_outcome(outcome, "extracted")


def train_whitening(*, source: Path, pca_prefix: str, **options: Any) -> int:
    """Train a PCA whitening on videos; status 2 where a video failed."""
    from videoalignment.features.folders import NetworkOptions, TrainingSample, train_pca

    given = _resolved(options)
    trained = train_pca(
        source,
        pca_prefix,
        network=_made(NetworkOptions, given),
        sample=_made(TrainingSample, given),
        **{name: given[name] for name in ("dimensions", "threads", "overwrite") if name in given},
    )
    status = 0
    if trained.existed:
        logger.info("the files exist; `overwrite` trains them again")
    else:
        status = _print_outcome(trained.outcome, "trained on")
    print(*trained.paths, sep="\n")
    return status


def _resolved(options: dict[str, Any]) -> dict[str, Any]:
    """What was given, with the level as the library counts it and a thread a core at most.

    Raises:
        OptionError: there are no threads, or a level of ResNet-34 is given for another network.
    """
    given = {parameter: value for parameter, value in options.items() if value is not None}
    resnet_level = given.pop("resnet_level", None)
    if resnet_level is not None and "level" not in given:
        if given["backbone"] != _RESNET:
            raise OptionError(
                f"`resnet_level` {resnet_level}: counts levels of {_RESNET}, not of "
                f"{given['backbone']}; give `level`"
            )
        given["level"] = resnet_level - 1
    if "threads" in given:
        if given["threads"] < 1:
            raise OptionError(f"`threads` {given['threads']}: must be 1 or more")
        given["threads"] = min(given["threads"], os.cpu_count() or 1)
    return given


def _made(kind: Any, options: dict[str, Any]) -> Any:
    """The dataclass with those options that it has."""
    names = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in options.items() if name in names})


def _print_outcome(outcome: "Outcome", verb: str) -> int:
    """Print what came of a run over videos; returns the exit status."""
    skipped = f", {outcome.skipped} done before" if outcome.skipped else ""
    failed = f", {len(outcome.failures)} failed" if outcome.failures else ""
    print(f"{outcome.done} videos {verb}{skipped}{failed}", flush=True)
    for failure in outcome.failures:
        logger.error("%s", failure)
    return EXIT_BAD_INPUT if outcome.failures else 0
