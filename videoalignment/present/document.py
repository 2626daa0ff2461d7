"""An alignment as JSON: everything a program wants to know, and what made it."""

import json
import math
import os
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from videoalignment.align.alignment import Alignment

_PACKAGES = ("videoalignment", "torch", "numpy", "imageio-ffmpeg")


def alignment_document(
    a: Path, b: Path, alignment: Alignment, options: dict[str, object] | None = None
) -> dict[str, object]:
    """Gather an alignment with the files, options and versions that it came from.

    Args:
        a, b: the two videos.
        alignment: what was found.
        options: how it was asked for, e.g. `{"min_overlap_s": 1.0}`.

    Returns:
        A dict that `json` can write: `a` and `b` (paths as given), every field of `Alignment`
        under its own name, `options` and `versions`. A number that is not finite is None.
    """
    return _finite(
        {
            "a": os.fspath(a),
            "b": os.fspath(b),
            **asdict(alignment),
            "options": options or {},
            "versions": {name: _version(name) for name in _PACKAGES},
        }
    )


def as_json(document: dict[str, object]) -> str:
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
