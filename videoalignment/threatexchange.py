"""TMK+PDQF for the `threatexchange` package: its command line and HMA hash and match with it.

    threatexchange config extensions add videoalignment.threatexchange

A signal is the content of a `.tmk` file in base64.
"""

import base64
import binascii
import logging
import pathlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from videoalignment.errors import MissingExtraError, UnusableFileError, VideoAlignmentError
from videoalignment.features.pdqf import FRAME_SIZE, TmkFold, pdqf_features
from videoalignment.features.tmk_hash import hash_video
from videoalignment.tmk_files import TmkHash, from_bytes, to_bytes
from videoalignment.tmk_scores import (
    LEVEL1,
    LEVEL2,
    HashRows,
    check_means,
    check_scorable,
    hash_rows,
    level1_scores,
    level2_scores,
)

try:
    from threatexchange.content_type.content_base import ContentType
    from threatexchange.content_type.video import VideoContent
    from threatexchange.extensions.manifest import ThreatExchangeExtensionManifest
    from threatexchange.signal_type import index, signal_base
except ImportError as error:
    raise MissingExtraError("threatexchange", "threatexchange") from error

_log = logging.getLogger(__name__)
_BLOCK = 64  # hashes whose rows a query is compared with at once


@dataclass(frozen=True)
class TmkSimilarity(index.SignalSimilarityInfo):
    """Both scores of a pair; a pair that is more alike counts as nearer."""

    level1: float
    level2: float

    def __lt__(self, other: Any) -> bool:
        """Whether this pair is more alike."""
        if not isinstance(other, TmkSimilarity):
            return NotImplemented
        return self.level2 > other.level2

    def pretty_str(self) -> str:
        """Both scores, e.g. `0.952329/0.961902`."""
        return f"{self.level1:.6f}/{self.level2:.6f}"


class TmkPdqfSignal(signal_base.SignalType, signal_base.FileHasher):
    """TMK+PDQF: a hash of a whole video that knows in which order things happen."""

    @classmethod
    def get_name(cls) -> str:
        """The name that the package's own list plans for these hashes."""
        return "tmk_pdqf"

    @classmethod
    def get_content_types(cls) -> list[type[ContentType]]:
        """Videos only."""
        return [VideoContent]

    @classmethod
    def get_index_cls(cls) -> type["TmkIndex"]:
        """An index that reads means first and rows only of what passes."""
        return TmkIndex

    @classmethod
    def validate_signal_str(cls, signal_str: str) -> str:
        """The signal without white space around it.

        Raises:
            UnusableFileError: (a ValueError) it is no TMK+PDQF hash.
        """
        _decode(signal_str)
        return signal_str.strip()

    @classmethod
    def hash_from_file(cls, file: pathlib.Path) -> str:
        """The signal of a video; empty, and a warning is logged, where none can be made."""
        try:
            return _encode(hash_video(file))
        except VideoAlignmentError as error:
            _log.warning("%s", error)
            return ""

    @classmethod
    def compare_hash(cls, hash1: str, hash2: str) -> signal_base.SignalComparisonResult:
        """Both scores, and whether both reach their usual thresholds."""
        a, b = _decode(hash1), _decode(hash2)
        a.check_comparable(b)
        level1 = float(level1_scores(a.mean[None], b.mean[None])[0, 0])
        level2 = float(level2_scores(hash_rows([a]), hash_rows([b]))[0, 0])
        match = level1 >= LEVEL1 and level2 >= LEVEL2
        return signal_base.SignalComparisonResult(match, TmkSimilarity(level1, level2))

    @staticmethod
    def get_examples() -> list[str]:
        """Signals of two made-up videos, gratings that drift."""
        return list(_examples())


class TmkIndex(index.SignalTypeIndex):
    """Hashes with what is to be returned for them; a query reads rows only where level 1 passes."""

    def __init__(self) -> None:
        self._hashes: list[TmkHash] = []
        self._entries: list[Any] = []

    def add(self, signal_str: str, entry: Any) -> None:
        """Add a signal; the same one may be added with several entries.

        Raises:
            UnusableFileError: it is no TMK+PDQF hash.
            FeatureMismatchError: it was folded in another way than those in the index.
        """
        tmk = _decode(signal_str)
        if self._hashes:
            self._hashes[0].check_comparable(tmk)
        self._hashes.append(tmk)
        self._entries.append(entry)

    def query(self, query: str) -> list[index.IndexMatch]:
        """All entries whose pair with the query reaches both usual thresholds."""
        tmk = _decode(query)
        if not self._hashes:
            return []
        self._hashes[0].check_comparable(tmk)
        level1 = level1_scores(tmk.mean[None], np.stack([h.mean for h in self._hashes]))[0]
        passing = np.flatnonzero(level1 >= LEVEL1)
        spectra = hash_rows([tmk])
        matches = []
        for block in np.split(passing, range(_BLOCK, len(passing), _BLOCK)):
            for i, level2 in zip(block, self._level2(spectra, block), strict=True):
                if level2 >= LEVEL2:
                    similarity = TmkSimilarity(float(level1[i]), float(level2))
                    matches.append(index.IndexMatch(similarity, self._entries[i]))
        return matches

    def _level2(self, query: HashRows, block: np.ndarray) -> np.ndarray:
        if len(block) == 0:
            return np.empty(0, np.float32)
        return level2_scores(query, hash_rows([self._hashes[i] for i in block]))[0]


def _encode(tmk: TmkHash) -> str:
    return base64.b64encode(to_bytes(tmk)).decode("ascii")


def _decode(signal: str) -> TmkHash:
    """A signal's hash, fit for scores.

    Raises:
        UnusableFileError: it is none.
    """
    try:
        content = base64.b64decode(signal.strip(), validate=True)
    except (binascii.Error, ValueError):  # not ASCII
        raise UnusableFileError("the signal is not base64; give a .tmk file's bytes so") from None
    tmk = from_bytes(content)
    check_means(tmk.mean)
    check_scorable(tmk)
    return tmk


@cache
def _examples() -> tuple[str, str]:
    height, width = FRAME_SIZE
    y, x = np.mgrid[:height, :width]
    times = np.arange(45)[:, None, None]

    def signal(slope: float) -> str:
        grey = 128 + 100 * np.sin(0.3 * x + slope * y + 0.1 * times)
        fold = TmkFold()
        fold.add(pdqf_features(np.repeat(grey[..., None], 3, axis=3).astype(np.uint8)))
        return _encode(fold.finish())

    return signal(0.2), signal(0.5)


TX_MANIFEST = ThreatExchangeExtensionManifest(signal_types=(TmkPdqfSignal,))
