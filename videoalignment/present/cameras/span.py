"""Which stretch of a group's clock its cameras share, and at which rate they are cut."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from videoalignment.align.timeline.records import Group, PlacedFile
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.media.probe import VideoInfo

SOUND_RATE = 48_000
"""Samples a second of every sound that is cut."""


def shared_span(group: Group, at_least: int | None) -> tuple[float, float]:
    """The longest stretch of a group's clock in which the same cameras are there all the time.

    Args:
        group: where there is no picture in it, sounds count.
        at_least: how many cameras; None for all.

    Returns:
        Its begin and end, seconds.

    Raises:
        OptionError: there are fewer cameras.
        VideoAlignmentError: so many share no moment; the message says how many do.
    """
    cameras = _cameras(group)
    wanted = len(cameras) if at_least is None else at_least
    if wanted > len(cameras):
        count = f"{len(cameras)} camera{'s' if len(cameras) > 1 else ''}"
        raise OptionError(f"`at_least` {wanted}: a group has only {count}")
    best = _longest(cameras, wanted)
    if best is None:
        most = max(n for n in range(1, wanted) if _longest(cameras, n))
        raise VideoAlignmentError(
            f"no moment is on all of {wanted} cameras; set `at_least` to {most} to cut those that "
            "are there at once"
        )
    return best


def _cameras(group: Group) -> list[PlacedFile]:
    return [file for file in group.files if file.has_picture] or list(group.files)


def _longest(cameras: Sequence[PlacedFile], wanted: int) -> tuple[float, float] | None:
    """The longest stretch that so many cover, None where there is none."""
    stretches = []
    for begin_s in {file.begin_s for file in cameras}:
        ends_s = sorted((file.end_s for file in cameras if file.begin_s <= begin_s), reverse=True)
        if len(ends_s) >= wanted and ends_s[wanted - 1] > begin_s:
            stretches.append((begin_s, ends_s[wanted - 1]))
    return max(stretches, key=lambda stretch: stretch[1] - stretch[0], default=None)


def common_rate(videos: Sequence[VideoInfo]) -> Fraction:
    """The exact rate that most cameras have; of several, the highest; without any, of samples."""
    rates = Counter(Fraction(video.fps).limit_denominator(1001) for video in videos)
    return max(rates, key=lambda rate: (rates[rate], rate), default=Fraction(SOUND_RATE))
