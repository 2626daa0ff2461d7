"""The sound of a recording cut to a span, to the sample."""

import math
from fractions import Fraction
from pathlib import Path

from videoalignment.align.timeline.records import PlacedFile
from videoalignment.media.ffmpeg import input_arguments
from videoalignment.present.cameras.records import Span
from videoalignment.present.cameras.span import SOUND_RATE
from videoalignment.present.encoding import encode
from videoalignment.present.sequences import sound_map

_MOST_RESAMPLED = 192_000  # Hz, while a drift is taken out


def write_sound(path: Path, file: PlacedFile, span: Span, first_frame_s: float) -> None:
    """Write the sound of a span on the group's clock, silent where the recording has none."""
    begin_s = sound_map(file).to_a(span.begin_s) + first_frame_s
    # A little more than is needed, cut to the sample at the end.
    length_s = span.duration_s / file.rate + 1
    early_s = max(0.0, -begin_s)
    filters = [
        # What a track lacks at its begin, or loses on the way, is silence.
        "aresample=async=1:min_hard_comp=0.02:first_pts=0",
        f"atrim=start={max(0.0, begin_s):.9f}:duration={length_s:.9f}",
        "asetpts=PTS-STARTPTS",
        *_at_rate(file.rate),
        f"aresample={SOUND_RATE}",
        f"adelay={round(early_s * file.rate * SOUND_RATE)}S:all=1",
        "apad",
        f"atrim=end_sample={round(span.duration_s * SOUND_RATE)}",
    ]
    arguments = [
        *(*input_arguments(file.file), "-map", f"0:a:{file.sound_track}", "-af", ",".join(filters)),
        *("-c:a", "pcm_s16le", "-f", "wav"),
    ]
    encode(path, arguments, label=f"sound of {file.file.name}", duration_s=span.duration_s)


def _at_rate(rate: float) -> list[str]:
    """Filters that play a sound so that each of its seconds lasts `rate` seconds."""
    if rate == 1:
        return []
    # ffmpeg has whole rates only: the pair of them whose ratio is nearest.
    ratio = Fraction(1 / rate).limit_denominator(_MOST_RESAMPLED)
    times = math.ceil(44_100 / ratio.denominator)
    return [f"aresample={ratio.denominator * times}", f"asetrate={ratio.numerator * times}"]
