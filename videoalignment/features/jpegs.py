"""Many small pictures in one array: JPEGs, one after the other, as files of features keep them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from videoalignment.errors import OptionError


@dataclass(frozen=True)
class Jpegs:
    """Pictures in order.

    Raises:
        OptionError: the ends do not fit.
    """

    octets: np.ndarray
    """JPEGs, one after the other, uint8, shape (n,)."""
    ends: np.ndarray
    """Where each ends, int64, ascending, shape (pictures,)."""

    def __post_init__(self) -> None:
        lengths = np.diff(self.ends, prepend=0)
        if (lengths <= 0).any() or lengths.sum() != len(self.octets):
            raise OptionError(f"`ends`: do not divide {len(self.octets)} octets into pictures")

    @classmethod
    def of(cls, pictures: Sequence[bytes]) -> "Jpegs":
        """Put pictures, each the octets of a JPEG, one after the other."""
        ends = np.cumsum([len(picture) for picture in pictures], dtype=np.int64)
        return cls(np.frombuffer(b"".join(pictures), np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    def __iter__(self) -> Iterator[np.ndarray]:
        """The octets of each, uint8."""
        return iter(np.split(self.octets, self.ends)[: len(self.ends)])
