"""Pairs of files, compared by picture: which ones, and what comes of it."""

from collections.abc import Sequence

import torch

from videoalignment.align.options import AlignOptions
from videoalignment.align.pipeline import align_features
from videoalignment.align.timeline.measurements import Measurement
from videoalignment.align.timeline.sources import Source
from videoalignment.errors import OptionError
from videoalignment.progress import Progress
from videoalignment.workers import map_in_order

Pair = tuple[int, int]
"""Places of two files, the lower one first."""


def compare_pictures(
    sources: Sequence[Source], pairs: Sequence[Pair], options: AlignOptions
) -> list[Measurement]:
    """Align pairs by picture, one core a pair.

    Args:
        sources: the files; those of the pairs have pictures.
        pairs: places of two of them.
        options: how to align.

    Raises:
        OptionError: `min_overlap_s` is more than a file lasts.
    """

    def compared(pair: Pair) -> Measurement:
        a, b = (sources[place].picture for place in pair)
        assert a is not None and b is not None
        alignment = align_features(a, b, min_overlap_s=options.min_overlap_s, device=options.device)
        return Measurement.of(*pair, alignment, "picture")

    for source in sources:
        if source.picture is not None and options.min_overlap_s is not None:
            _check_overlap(source, options.min_overlap_s)
    found = []
    with Progress("comparing pictures", len(pairs), "pairs") as progress:
        for measurement in map_in_order(compared, pairs, torch.get_num_threads()):
            found.append(measurement)
            progress.advance()
    return found


def _check_overlap(source: Source, min_overlap_s: float) -> None:
    if min_overlap_s > source.recorded.duration_s:
        raise OptionError(
            f"`min_overlap_s` {min_overlap_s:g}: {source.recorded.file} is only "
            f"{source.recorded.duration_s:.3f} s long"
        )
