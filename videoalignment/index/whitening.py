"""What makes descriptors of an index comparable: a whitening, and footage known to be unrelated.

The whitening is trained once, by benchmarks/index_whitening.py, so that edits weigh little: a
direction counts by how much scenes differ along it, measured in how much a crop, a logo or a
letterbox moves a frame along it (Fisher's linear discriminant). It is shipped with the package and
kept with every index, so that indexes made on several machines can be put together.
"""

import base64
import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np

from videoalignment.errors import FeatureMismatchError, OptionError, UnusableFileError
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.index.settings import STORED
from videoalignment.provenance import FeatureRecipe, digest_of


@dataclass(frozen=True)
class Whitening:
    """From frame descriptors to the numbers that an index keeps."""

    recipe: FeatureRecipe
    """Of the features that it was trained on; others are refused."""
    mean: np.ndarray
    """float32, shape (d,)."""
    matrix: np.ndarray
    """float32, shape (d, width)."""
    step: float
    """What 1 of the whole numbers that are kept is worth."""
    background: np.ndarray
    """Windows of unrelated and of dull footage, rounded, int8, shape (n, width)."""

    def __post_init__(self) -> None:
        width = STORED.width
        shapes = self.mean.shape, self.matrix.shape, self.background.shape[1:]
        if shapes != (self.mean.shape[:1], (*self.mean.shape, width), (width,)):
            raise OptionError(f"a whitening of shapes {shapes}: expected (d,), (d, {width})")
        numbers = self.mean, self.matrix, self.background
        if not all(np.isfinite(array).all() for array in numbers) or not 0 < self.step < 1e6:
            raise OptionError("a whitening with numbers that are not finite")

    @cached_property
    def unrelated(self) -> np.ndarray:
        """The background's windows, unit norm, float32, shape (n, width)."""
        return unit(self.background)

    @cached_property
    def unrelated_votes(self) -> np.ndarray:
        """What an engine would compare of them, unit norm, float32, shape (n, window_width)."""
        return unit(self.background[:, : STORED.window_width])

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits that stand for all of it and for how moments are kept."""
        arrays = [a.tobytes() for a in (self.mean, self.matrix, self.background)]
        return digest_of(*arrays, f"{self.step!r} {self.recipe.digest} {STORED.digest}".encode())

    def check(self, features: FrameFeatures) -> None:
        """Refuse features that were made otherwise.

        Raises:
            FeatureMismatchError: by another network, or nobody knows how.
        """
        if features.recipe is None:
            raise FeatureMismatchError(
                "features of which nobody knows how they were made cannot be indexed; describe the "
                "video again"
            )
        features.recipe.check_comparable(self.recipe)
        if features.descriptors.shape[1] != len(self.mean):
            raise FeatureMismatchError(
                f"features of {features.descriptors.shape[1]} numbers a frame; the index takes "
                f"those of {len(self.mean)}"
            )

    def kept(self, moments: np.ndarray) -> np.ndarray:
        """Whiten and round descriptors of moments, shape (n, d), to int8, shape (n, width)."""
        white = (moments - self.mean) @ self.matrix
        return np.clip(np.rint(white / self.step), -127, 127).astype(np.int8)

    def to_json(self) -> str:
        """The whitening as text."""
        return json.dumps(
            {
                "digest": self.digest,
                "recipe": self.recipe.to_json(),
                "stored": STORED.digest,
                "step": self.step,
                "mean": _as_text(self.mean),
                "matrix": _as_text(self.matrix),
                "background": _as_text(self.background),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Whitening":
        """The whitening that `to_json` wrote.

        Raises:
            UnusableFileError: the text is none; the message does not know the file's name.
            FeatureMismatchError: it is for moments that are kept otherwise.
        """
        try:
            content: dict[str, Any] = json.loads(text)
            if content["stored"] != STORED.digest:
                raise FeatureMismatchError(
                    "it was made by a version that keeps other numbers of a video; make it again"
                )
            mean = _array(content["mean"], np.float32)
            background = _array(content["background"], np.int8).reshape(-1, STORED.width)
            whitening = cls(
                recipe=FeatureRecipe.from_json(content["recipe"]),
                mean=mean,
                matrix=_array(content["matrix"], np.float32).reshape(len(mean), STORED.width),
                step=float(content["step"]),
                background=background,
            )
        except FeatureMismatchError:
            raise
        except (KeyError, TypeError, ValueError) as error:
            reason = error if isinstance(error, OptionError) else type(error).__name__
            raise UnusableFileError(f"holds no whitening of an index ({reason})") from None
        if content.get("digest") != whitening.digest:
            raise UnusableFileError("its whitening does not fit its digest; it is damaged")
        return whitening

    @classmethod
    @cache
    def shipped(cls) -> "Whitening":
        """The one that new indexes get."""
        return cls.from_json(files("videoalignment.index").joinpath("whitening.json").read_text())


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of unit norm, float32; those of zeros stay."""
    rows = rows.astype(np.float32)
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    divided: np.ndarray = rows / np.maximum(norms, 1e-9)
    return divided


def _as_text(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _array(text: str, dtype: type) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype)
