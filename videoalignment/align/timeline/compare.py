"""Pairs of files, compared by sound and by picture: which ones, and what comes of it.

Every pair of sounds is compared, which takes little. A pair of pictures takes more, so pictures
whose sounds have told where they lie are compared with a few others of their group only, for that
shows whose sound is late; and not with those of other groups, for whoever shares a moment shares
its sound.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import torch
from threadpoolctl import threadpool_limits

from videoalignment.align.options import AlignOptions
from videoalignment.align.pipeline import align_features
from videoalignment.align.sound import align_sound
from videoalignment.align.timeline.measurements import Measurement
from videoalignment.align.timeline.records import PlacedFile, Timeline
from videoalignment.align.timeline.solve import solve
from videoalignment.align.timeline.sources import Source
from videoalignment.errors import OptionError
from videoalignment.progress import Progress
from videoalignment.workers import map_in_order

Pair = tuple[int, int]
"""Places of two files, the lower one first."""

_CHECKS = 3  # pairs of pictures of a file whose place the sounds tell
_SURE_FROM = 0.9  # confidence of a file's place from which the sounds have told it
_LEAST_SHARED_S = 4.0  # of a check


def measure_pairs(sources: Sequence[Source], options: AlignOptions) -> list[Measurement]:
    """Compare all sounds, and the pictures that are worth it then.

    Args:
        sources: the files.
        options: how to align.

    Raises:
        OptionError: `min_overlap_s` is more than a file lasts.
    """
    found = compare_sounds(sources)
    by_sound = solve(
        [source.recorded for source in sources], found, min_confidence=options.min_confidence
    )
    return found + compare_pictures(sources, picture_pairs(sources, by_sound), options)


def compare_sounds(sources: Sequence[Source]) -> list[Measurement]:
    """Align all pairs by sound, one core a pair.

    Args:
        sources: the files; those without a sound are left out.
    """

    def compared(pair: Pair) -> Measurement:
        a, b = (sources[place].sound for place in pair)
        assert a is not None and b is not None
        return Measurement.of(*pair, align_sound(a, b), "sound")

    heard = [place for place, source in enumerate(sources) if source.sound is not None]
    return _each(compared, list(combinations(heard, 2)), "comparing sounds")


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
    return _each(compared, pairs, "comparing pictures")


def picture_pairs(sources: Sequence[Source], by_sound: Timeline) -> list[Pair]:
    """Which pairs of pictures are worth comparing once the sounds have been.

    Args:
        sources: the files.
        by_sound: what their sounds say.
    """
    placed = {
        file.file: (number, file)
        for number, group in enumerate(by_sound.groups)
        for file in group.files
        if file.confidence >= _SURE_FROM and not file.weak
    }
    pictured = [place for place, source in enumerate(sources) if source.picture is not None]
    pairs, checks = [], []
    for pair in combinations(pictured, 2):
        one, other = (placed.get(sources[place].recorded.file) for place in pair)
        if one is None or other is None:
            pairs.append(pair)
        elif one[0] == other[0]:
            checks.append((-_shared_s(one[1], other[1]), pair))
    used = dict.fromkeys(pictured, 0)
    for shared_s, pair in sorted(checks):
        if -shared_s >= _LEAST_SHARED_S and min(used[place] for place in pair) < _CHECKS:
            pairs.append(pair)
            for place in pair:
                used[place] += 1
    return sorted(pairs)


def _shared_s(one: PlacedFile, other: PlacedFile) -> float:
    return min(one.end_s, other.end_s) - max(one.begin_s, other.begin_s)


def _each(
    compared: Callable[[Pair], Measurement], pairs: Sequence[Pair], label: str
) -> list[Measurement]:
    found = []
    # Threads of linear algebra wait for each other busily, which is worst where cores are shared.
    one_core = threadpool_limits(limits=1, user_api="blas")
    with one_core, Progress(label, len(pairs), "pairs") as progress:
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
