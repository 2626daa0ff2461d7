"""What features are made of: features made in different ways must never be compared unnoticed."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, cast

from videoalignment.errors import FeatureMismatchError, OptionError, UnusableFileError
from videoalignment.files import readable_file

RECIPE_VERSION = 1
"""Raised whenever the same options begin to give other descriptors."""


def digest_of(*parts: bytes | memoryview) -> str:
    """A digest of some octets, 16 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def content_digest(path: str | os.PathLike[str]) -> str:
    """A digest of a file's content, 32 hexadecimal digits, whatever the file is called.

    Raises:
        UnusableFileError: it is no file, or cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    try:
        with readable_file(path, "a file").open("rb") as file:
            while block := file.read(1 << 22):
                digest.update(block)
    except OSError as error:
        raise UnusableFileError(f"{path}: cannot be read ({error.strerror})") from error
    return digest.hexdigest()


@dataclass(frozen=True)
class Digested:
    """Numbers that stand together, in a dataclass, and what stands for all of them."""

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that stand for all fields."""
        return digest_of(json.dumps(asdict(self), sort_keys=True).encode())


@dataclass(frozen=True, kw_only=True)
class FeatureRecipe(Digested):
    """All that decides which descriptors a frame gets; it travels with features everywhere."""

    network: str
    """The backbone, e.g. "resnet34"."""
    level: int
    """Where it is cut."""
    weights: str
    """Digest of the network's weights."""
    rmac_levels: int
    """Sizes of regions that are pooled over."""
    whitening: str | None
    """Digest of the PCA whitening's mean and matrix; None where there is none."""
    sum_before_pca: bool
    """Whether regions are summed before they are whitened, not after."""
    regional: bool
    """Whether there is a row a region, before whitening, instead of one a frame."""
    image_area: float
    """Pixels that frames are scaled to."""
    max_fps: float
    """Frames described a second at most."""
    precision: str
    """What the network computes in, e.g. "float32"."""
    version: int = RECIPE_VERSION

    def __post_init__(self) -> None:
        for field in fields(self):
            value, kind = getattr(self, field.name), cast(type, field.type)
            if kind is float and type(value) is int:
                object.__setattr__(self, field.name, float(value))  # 15 and 15.0 are one recipe
            elif not isinstance(value, kind) or (kind is int and value is True):
                raise OptionError(f"`{field.name}` {value!r}: a recipe has no such value there")

    def differences(self, other: "FeatureRecipe") -> dict[str, tuple[Any, Any]]:
        """Where two recipes differ, whether or not that keeps descriptors from being compared."""
        pairs = ((f.name, (getattr(self, f.name), getattr(other, f.name))) for f in fields(self))
        return {name: pair for name, pair in pairs if pair[0] != pair[1]}

    def check_comparable(self, other: "FeatureRecipe") -> None:
        """Refuse to compare descriptors that were made in different ways.

        How many frames a second were described does not matter: descriptors carry their times.

        Raises:
            FeatureMismatchError: the recipes differ; the message shows where.
        """
        different = self.differences(other)
        different.pop("max_fps", None)
        if different:
            shown = ", ".join(f"{name} {a!r} and {b!r}" for name, (a, b) in different.items())
            raise FeatureMismatchError(
                f"features made in different ways cannot be compared ({shown}); "
                "make both in the same way"
            )

    def to_json(self) -> dict[str, Any]:
        """The recipe as JSON types, with its digest for people who look at the file."""
        return {**asdict(self), "digest": self.digest}

    @classmethod
    def from_json(cls, content: Any) -> "FeatureRecipe":
        """The recipe that `to_json` wrote.

        Raises:
            UnusableFileError: the content is no recipe; the message does not know the file's name.
        """
        names = {field.name for field in fields(cls)}
        if not isinstance(content, Mapping) or content.keys() - {"digest"} != names:
            raise UnusableFileError(f"expected a recipe with {', '.join(sorted(names))}")
        try:
            recipe = cls(**{name: content[name] for name in names})
        except OptionError as error:
            raise UnusableFileError(str(error)) from None
        if content.get("digest") not in (None, recipe.digest):
            raise UnusableFileError(
                "the recipe does not fit its digest; it was changed or is damaged"
            )
        return recipe
