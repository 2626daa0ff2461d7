"""An alignment in words: what the command prints and the report says."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from videoalignment.align.alignment import Alignment, Segment
from videoalignment.align.pieces import pieces_of_b
from videoalignment.align.timeline.records import Guess
from videoalignment.text import printable

# Clocks of cheap recorders are 100 ppm off; from a thousandth on, somebody changed the speed.
_DRIFT_BELOW_PPM = 900
_WORTH_NOTHING_BELOW = 0.01
_RESTS_ON = {
    "picture": "the pictures alone",
    "sound": "the sounds alone",
    "both": "pictures and sounds",
    "motion": "what moves, seen from different sides",
}


def names_of(a: Path, b: Path) -> tuple[str, str]:
    """Name two files as briefly as tells them apart."""
    name_a, name_b = names_of_all([a, b])
    return name_a, name_b


def names_of_all(paths: Sequence[Path]) -> tuple[str, ...]:
    """Name files as briefly as tells them apart: by file name, with folders where those agree."""
    agreeing: dict[str, list[Path]] = {}
    for path in paths:
        agreeing.setdefault(path.name, []).append(path)
    return tuple(printable(_told_apart(path, agreeing[path.name])) for path in paths)


def _told_apart(path: Path, others: Sequence[Path]) -> Path:
    """As many of a path's last parts as no other path ends with."""
    parts = path.parts
    for count in range(1, len(parts)):
        if sum(other.parts[-count:] == parts[-count:] for other in others) == 1:
            return Path(*parts[-count:])
    return path


def seconds(value_s: float) -> str:
    """Write a duration, e.g. `3.700 s`."""
    return f"{round(value_s, 3) + 0.0:.3f} s"  # + 0.0 makes -0.0 a plain 0


def clock(value_s: float) -> str:
    """Write a moment as minutes (and hours) would be read, e.g. `0:03.700` or `1:02:03.700`."""
    sign = "-" if value_s <= -0.0005 else ""
    minutes, rest_ms = divmod(round(abs(value_s) * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{sign}{head}:{rest_ms / 1000:06.3f}"


def confidence_words(confidence: float) -> str:
    """Write a probability with two digits, cut off rather than rounded: 0.999 is not 1."""
    return f"{min(math.floor(confidence * 100) / 100, 0.99):.2f}"


def uncertainty_words(uncertainty_s: float) -> str:
    """Write a half width, in milliseconds where seconds would be all zeros."""
    if not math.isfinite(uncertainty_s):
        return "unknown"
    return f"{uncertainty_s * 1000:.1f} ms" if uncertainty_s < 0.0095 else seconds(uncertainty_s)


def guess_words(guess: Guess | None, name_of: Callable[[Path], str]) -> str:
    """Say when a file that could not be placed might begin; nothing where that is worth nothing."""
    if guess is None or guess.confidence < _WORTH_NOTHING_BELOW:
        return ""
    offset_s = guess.time_map.offset_s
    where = "after" if offset_s >= 0 else "before"
    confidence = confidence_words(guess.confidence)
    place = f"{clock(abs(offset_s))} {where} {name_of(guess.beside)} does"
    return f"{place}, confidence {confidence}"


def speed_words(speed: float) -> str:
    """Say how fast A shows what B shows, e.g. `1.25 times as fast`; nothing where they agree."""
    return "" if abs(speed - 1) < 0.0005 else f"{speed:.4g} times as fast"


def rate_words(rate: float) -> str:
    """Say how a recorder's clock runs against the group's, e.g. `+42.0 ppm` or `x 0.9600`.

    Args:
        rate: seconds of the group's clock in one second of the file's.
    """
    ppm = (rate - 1) * 1e6
    return f"{ppm:+.1f} ppm" if abs(ppm) < _DRIFT_BELOW_PPM else f"x {rate:.4f}"


def shared_s(alignment: Alignment) -> float:
    """How many seconds of A show footage of B."""
    return sum(segment.end_a_s - segment.begin_a_s for segment in alignment.segments)


def sentence(alignment: Alignment, a: str, b: str) -> str:
    """Say in one sentence how two videos lie to each other.

    Args:
        alignment: the result.
        a, b: names of the two.

    Returns:
        E.g. `A starts 3.700 s after B begins; they share 18.8 s; confidence 0.99`. The seconds
        are the clock's of the video that begins first.
    """
    if not alignment.matched:
        repeats = rivals_in_words(alignment)
        return (
            f"{a} and {b} do not match; "
            f"the best guess has confidence {confidence_words(alignment.confidence)}"
            + (f"; {repeats}" if repeats else "")
        )
    shared = f"they share {shared_s(alignment):.1f} s"
    pieces = pieces_of_b(alignment)
    if len(pieces) > 1:
        place = f"{a} shows {len(pieces)} pieces of {b}, cut or re-ordered"
    else:
        place = _place(alignment, a, b)
    lag = lag_words(alignment)
    for remark in (lag, rivals_in_words(alignment)):
        shared += f"; {remark}" if remark else ""
    return f"{place}; {shared}; confidence {confidence_words(alignment.confidence)}"


def lag_words(alignment: Alignment) -> str:
    """Say how much the sounds of two files lie apart where their pictures meet; nothing elsewhere.

    Of two files alone it cannot be told which sound is late.
    """
    if not alignment.sound_lag_s:
        return ""
    lag_ms = abs(alignment.sound_lag_s) * 1000
    return f"against their pictures, their sounds differ by {lag_ms:.0f} ms"


def rivals_in_words(alignment: Alignment) -> str:
    """Say at which other offsets the two are as alike; nothing where there are none."""
    if not alignment.rivals:
        return ""
    offsets = [seconds(line.offset_s) for line in (alignment.time_map, *alignment.rivals)]
    named = f"{', '.join(offsets[:-1])} and {offsets[-1]}"
    what = "sound repeats itself" if alignment.by == "sound" else "picture repeats itself"
    return f"the {what}, and offsets of {named} cannot be told apart"


def _place(alignment: Alignment, a: str, b: str) -> str:
    offset_s, speed = alignment.offset_s, alignment.speed
    if abs(offset_s) < 0.0005:
        place = f"{a} and {b} start together"
    elif offset_s > 0:
        place = f"{a} starts {seconds(offset_s)} after {b} begins"
    else:
        place = f"{b} starts {seconds(-offset_s / speed)} after {a} begins"
    if speed_words(speed):
        place += f"; {a} runs {speed_words(speed)} as {b}"
    return place


def short_video_advice(alignment: Alignment, a: str, b: str, min_overlap_s: float) -> str:
    """Say what to try where a video is shorter than what is searched for; nothing elsewhere."""
    length_s, name = min((alignment.duration_a_s, a), (alignment.duration_b_s, b))
    if alignment.matched or length_s >= min_overlap_s:
        return ""
    return f"{name} is only {length_s:.2g} s long; try `min_overlap_s` {0.6 * length_s:.2g}"


def place_in_words(alignment: Alignment) -> str:
    """Explain the offset to a person who has never seen one."""
    if not alignment.matched:
        shared = "has the same sound" if alignment.by == "sound" else "shows the same footage"
        return (
            f"No way to lay one over the other {shared} at the same time. "
            "What follows is the best guess and why it was not believed."
        )
    if len(pieces_of_b(alignment)) > 1:
        return "A was cut: each of its stretches is found at another place of B, listed below."
    if alignment.offset_s >= 0:
        meeting = f"The first moment of A is the moment {clock(alignment.offset_s)} of B."
    else:
        first_s = -alignment.offset_s / alignment.speed
        meeting = f"The moment {clock(first_s)} of A is the first moment of B."
    if speed_words(alignment.speed):
        return f"{meeting} While one second of A passes, {alignment.speed:.5g} seconds of B pass."
    return f"{meeting} From there on they run at the same speed."


def facts(alignment: Alignment) -> list[tuple[str, str]]:
    """List an alignment's numbers for a person.

    Returns:
        Pairs of what it is and its value with unit.
    """
    guess = "" if alignment.matched else "best guess: "
    uncertainty = f"± {uncertainty_words(alignment.uncertainty_s)}"
    met = {"sound": "sounds", "motion": "motions"}.get(alignment.by, "frames")
    lag = seconds(alignment.sound_lag_s or 0.0)
    return [
        (
            f"{guess}offset (the moment of B where A starts)",
            f"{seconds(alignment.offset_s)} {uncertainty}",
        ),
        (
            f"{guess}{clock(alignment.uncertainty.best_at_s)} of A, known best, is in B at",
            f"{clock(alignment.time_map.to_b(alignment.uncertainty.best_at_s))} "
            f"± {uncertainty_words(alignment.uncertainty.place_s)}",
        ),
        (f"{guess}speed (seconds of B in one second of A)", _speed_and_doubt(alignment)),
        ("confidence", confidence_words(alignment.confidence)),
        (f"similarity of the {met} that meet", f"{alignment.score:.2f}"),
        ("rests on", _RESTS_ON[alignment.by]),
        *([("how much later A's sound comes than B's", lag)] if alignment.sound_lag_s else []),
    ]


def _speed_and_doubt(alignment: Alignment) -> str:
    """The speed, and how far it can be trusted."""
    doubt = alignment.uncertainty.speed
    if not math.isfinite(doubt):
        return f"{alignment.speed:.5g}, which cannot be told"
    exact = f"{alignment.speed:.5g} ± {doubt:.2g}" if doubt else f"{alignment.speed:.5g}"
    return exact if alignment.speed_told else f"{exact}: it cannot be told"


def segment_rows(alignment: Alignment) -> list[tuple[str, str, str, str, str]]:
    """List the matching stretches for a table.

    Returns:
        A row each: number, in A, in B, speed, similarity.
    """
    return [
        (
            str(number),
            f"{clock(segment.begin_a_s)} – {clock(segment.end_a_s)}",
            f"{clock(segment.begin_b_s)} – {clock(segment.end_b_s)}",
            f"{segment.speed:.5g}",
            f"{segment.score:.2f}",
        )
        for number, segment in enumerate(alignment.segments, start=1)
    ]


def elsewhere_words(elsewhere: Sequence[Segment], name_b: str) -> str:
    """Where else a recording that was cut lies in another, e.g. "0:08.000 – 0:13.000 is at 0:04.000
    of two.mp4".

    Args:
        elsewhere: stretches of A.
        name_b: of the other recording.
    """
    stretches = [
        f"{clock(s.begin_a_s)} – {clock(s.end_a_s)} is at {clock(s.begin_b_s)}" for s in elsewhere
    ]
    return "; ".join(stretches) + f" of {name_b}"
