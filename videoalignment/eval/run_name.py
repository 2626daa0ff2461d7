"""A run's name: short where it can be, different for different runs, safe as a folder's name."""

import re
from collections.abc import Mapping
from typing import Any

from videoalignment.datasets import DATASETS
from videoalignment.models import MODELS
from videoalignment.provenance import digest_of

_LONGEST = 120
"""Of a name; systems take 255 octets, and files in the folder are named after the dataset."""


def run_name(model: str, dataset: str, words: Mapping[str, Any]) -> str:
    """The name MODEL_DATASET_OPTIONS of a run.

    Args:
        model: a name in `MODELS`, or package.module:Class.
        dataset: the same of `DATASETS`.
        words: what tells the run from one with the defaults, in order; a value of None stands for
            a name that says all.
    """
    parts = [folder_name(model, MODELS), folder_name(dataset, DATASETS)]
    parts += (name if value is None else _option(name, value) for name, value in words.items())
    return _shorten("_".join(parts))


def folder_name(name: str, listed: Mapping[str, Any]) -> str:
    """The name of a model or a dataset as a part of a folder's name."""
    return name if name in listed else _plain(name.replace(":", "."), of=name)


def _option(name: str, value: Any) -> str:
    if isinstance(value, tuple):
        return name + "-".join(map(_text, value))
    return f"{name}-{_text(value)}"


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else _plain(str(value))


def _plain(text: str, of: str | None = None) -> str:
    """A word of letters, digits and dots as it is; any other text gets a digest."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9.]*", text) and len(text) <= _LONGEST // 2:
        return text
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")[: _LONGEST // 2]
    return f"{plain}-{digest_of((of or text).encode(errors='surrogatepass'))[:8]}"


def _shorten(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 17]}-{digest_of(name.encode())}"
