"""An alignment as JSON: everything a program wants to know, and what made it."""

import json
import math
import os
from importlib.metadata import PackageNotFoundError, version

from videoalignment.align.alignment import Alignment, Segment
from videoalignment.align.pair import AlignedPair
from videoalignment.version import __version__

_PACKAGES = ("torch", "numpy", "imageio-ffmpeg")


def alignment_document(pair: AlignedPair) -> dict[str, object]:
    """Gather an alignment with the files, options and versions that it came from.

    Returns:
        A dict that `json` can write: `a` and `b` (paths as given), the numbers of `Alignment` under
        their own names, `options` and `versions`. A number that is not finite is None.
    """
    alignment = pair.alignment
    document = {
        "a": os.fspath(pair.a.path),
        "b": os.fspath(pair.b.path),
        "matched": alignment.matched,
        "offset_s": alignment.offset_s,
        "speed": alignment.speed,
        "score": alignment.score,
        "confidence": alignment.confidence,
        "overlap": _segment(alignment.overlap),
        "segments": [_segment(segment) for segment in alignment.segments],
        "uncertainty_s": alignment.uncertainty_s,
        "best_known": _best_known(alignment),
        "speed_uncertainty": alignment.uncertainty.speed,
        "speed_told": alignment.speed_told,
        "by": alignment.by,
        "sound_lag_s": alignment.sound_lag_s,
        "rival_offsets_s": [rival.offset_s for rival in alignment.rivals],
        "duration_a_s": alignment.duration_a_s,
        "duration_b_s": alignment.duration_b_s,
        "options": _options(pair),
        "versions": {
            "videoalignment": __version__,
            **{name: _version(name) for name in _PACKAGES},
        },
    }
    return {name: _finite(value) for name, value in document.items()}


def _best_known(alignment: Alignment) -> dict[str, float]:
    """The moment of A whose place in B is known best, and how well."""
    time_a_s = alignment.uncertainty.best_at_s
    return {
        "time_a_s": time_a_s,
        "time_b_s": alignment.time_map.to_b(time_a_s),
        "uncertainty_s": alignment.uncertainty.place_s,
    }


def _segment(segment: Segment) -> dict[str, float]:
    names = ("begin_a_s", "end_a_s", "begin_b_s", "end_b_s", "speed", "score")
    return {name: getattr(segment, name) for name in names}


def _options(pair: AlignedPair) -> dict[str, object]:
    files = pair.a.features_file, pair.b.features_file
    return {
        "backbone": None if any(files) else pair.options.backbone,
        "features": [os.fspath(file) for file in files if file] if all(files) else None,
        "min_overlap_s": pair.options.least_overlap_s,
        "by": pair.options.by,
        "device": str(pair.options.device),
    }


def as_json(document: dict[str, object] | list[dict[str, object]]) -> str:
    """Write a document as JSON text, ASCII only, so that any reader of it agrees on the bytes."""
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _finite(value: object) -> object:
    """Replace infinite and undefined numbers, which JSON has no word for."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
