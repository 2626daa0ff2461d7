"""A run's name: short where it can be, different for different runs, safe as a folder's name."""

import re
from collections.abc import Mapping
from typing import Any

from videoalignment.datasets import DATASETS
from videoalignment.eval.methods import METHODS
from videoalignment.provenance import digest_of

_LONGEST, _LONGEST_PART = 120, 60
"""Characters of a name, and of a part of it; systems take 255 octets."""


def run_name(model: str, dataset: str, words: Mapping[str, Any]) -> str:
    """The name MODEL_DATASET_OPTIONS of a run.

    Args:
        model: a name in `METHODS`, or package.module:Class.
        dataset: the same of `DATASETS`.
        words: what tells the run from one with the defaults, in order; a value of None stands for
            a name that says all.
    """
    parts = [folder_name(model, METHODS), folder_name(dataset, DATASETS)]
    parts += (name if value is None else _option(name, value) for name, value in words.items())
    return _shorten("_".join(parts))


def folder_name(name: str, listed: Mapping[str, Any]) -> str:
    """The name of a model or a dataset as a part of a folder's name."""
    if name in listed:
        return name
    # "_" parts a run's name, and there is no "-" in package.module:Class
    part = name.replace(":", ".").replace("_", "-")
    return part if _is_short(part, "[A-Za-z0-9.-]+") else _with_digest(part, of=name)


def _option(name: str, value: Any) -> str:
    if isinstance(value, tuple):
        return name + "-".join(map(_text, value))
    return f"{name}-{_text(value)}"


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    if isinstance(value, int | float) or _is_short(text, "[A-Za-z][A-Za-z0-9.]*"):
        return text
    return _with_digest(text, of=text)


def _is_short(text: str, pattern: str) -> bool:
    return re.fullmatch(pattern, text) is not None and len(text) <= _LONGEST_PART


def _with_digest(text: str, of: str) -> str:
    """What can be kept of a text, and a digest of what it comes of."""
    kept = re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")[:_LONGEST_PART]
    return f"{kept}-{digest_of(of.encode(errors='surrogatepass'))[:8]}"


def _shorten(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 17]}-{digest_of(name.encode())}"
