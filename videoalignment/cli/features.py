"""`videoalignment features`, the extraction of `rmac_features.py` with today's defaults."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from videoalignment.cli.console import EXIT_BAD_INPUT, as_flags, show_log
from videoalignment.text import one_line

if TYPE_CHECKING:
    from videoalignment.features.outcome import Outcome

EXAMPLES = """Examples:

videoalignment features holiday.mp4 features

videoalignment features videos/ features --device cuda --precision bfloat16

videoalignment features videos/ features --backbone resnet34 --pca pca/YFCC100M_pca --format pkl

rmac_features.py calls the same code, with the defaults of the published features, and trains PCA.
"""


def features(
    source: Annotated[
        Path, typer.Argument(metavar="VIDEO_OR_FOLDER", help="A video, or a tree of folders.")
    ],
    out_folder: Annotated[
        Path, typer.Argument(metavar="OUT_FOLDER", help="Gets rmac_BACKBONE_LEVEL/NAME.npz.")
    ],
    backbone: Annotated[
        Literal["efficientnet_lite0", "resnet34"],
        typer.Option(help="Network that describes the frames."),
    ] = "efficientnet_lite0",
    level: Annotated[
        int | None, typer.Option(help="Where the network is cut; by default its usual level.")
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The network's weights, instead of its usual ones."),
    ] = None,
    pca: Annotated[
        str | None,
        typer.Option(metavar="PREFIX", help="PCA files to whiten with, up to _mean_."),
    ] = None,
    fps: Annotated[float, typer.Option(help="Frames sampled a second.")] = 15.0,
    precision: Annotated[
        Literal["float32", "bfloat16"], typer.Option(help="What the network computes in.")
    ] = "float32",
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where to compute.")
    ] = "auto",
    file_format: Annotated[
        Literal["pkl", "npy", "npz"],
        typer.Option("--format", help="npz keeps the frames' times too."),
    ] = "npz",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Do again what is there already.")
    ] = False,
    allow_truncated: Annotated[
        bool, typer.Option("--allow_truncated", help="Keep what is left of broken videos.")
    ] = False,
) -> int:
    """Describe the frames of videos: a network's features, R-MAC, PCA whitening.

    Videos whose features are there are skipped; features that were made in another way are not
    mixed with new ones. Exit status: 0, or 2 where a video failed.
    """
    from videoalignment.features.folders import (
        ExtractionOptions,
        NetworkOptions,
        extract_features,
    )

    network = NetworkOptions(
        backbone=backbone, level=level, weights=weights, precision=precision, device=device
    )
    options = ExtractionOptions(
        fps=fps, allow_truncated=allow_truncated, format=file_format, overwrite=overwrite
    )
    show_log(logging.INFO, sys.stdout)
    outcome = extract_features(source, out_folder, pca_prefix=pca, network=network, options=options)
    return print_outcome(outcome, "extracted")


def print_outcome(outcome: "Outcome", verb: str) -> int:
    """Print what came of a run over videos; returns the exit status."""
    skipped = f", {outcome.skipped} done before" if outcome.skipped else ""
    failed = f", {len(outcome.failures)} failed" if outcome.failures else ""
    print(f"{outcome.done} videos {verb}{skipped}{failed}", flush=True)
    for failure in outcome.failures:
        print(f"error: {as_flags(one_line(failure))}", file=sys.stderr)
    return EXIT_BAD_INPUT if outcome.failures else 0
