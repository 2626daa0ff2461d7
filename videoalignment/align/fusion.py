"""What the pictures say and what the sounds say, put together to one answer.

The two are independent witnesses. Where they name the same line, but for how late a file's sound
may be, their evidence adds up. Where only one is sure it answers alone: what the other lacks is not
held against it. Where both are sure of lines that exclude each other, each takes from the other.
"""

import math
from dataclasses import replace

from videoalignment.align.alignment import Alignment, Segment, Uncertainty
from videoalignment.time_map import TimeMap

MOST_LAG_S = 1.0
"""A sound that is later than this against its picture is another place."""
_LEAST_LAG_S = 0.02
# Sound travels 2.9 ms a metre, and frames last tens of milliseconds: less is no lag. How many half
# widths of the uncertainty a lag must exceed.
_CLEARLY = 1.25
# Pictures that tell the place less well than this, half width, tell no lag: of two phones that pan
# they were a third of a second off.
_SHARP_S = 0.04
# Speeds that differ by less are the same one: pictures know them less well.
_SAME_SPEED = 2e-3
# Two guesses that name one line say more than each by itself, by up to this much (a logarithm of
# odds), since chance seldom does.
_MOST_COINCIDENCE = 2.0
_SOUND_TRAVELS_S = 0.003
# A guess that is less sure than this is no second witness.
_A_WITNESS = 0.05
# Places by what moves are as exact as frames are.
_ONE_PLACE_S = 0.15


def fused(picture: Alignment, sound: Alignment) -> Alignment:
    """Put together two answers about the same pair.

    Args:
        picture: what pictures say.
        sound: what sounds say, on the pictures' clocks.

    Returns:
        The answer, with the picture's durations, and its score where it rests on pictures.
    """
    sound = replace(
        sound, duration_a_s=picture.duration_a_s, duration_b_s=picture.duration_b_s, by="sound"
    )
    picture = _at_the_turn_of(sound, picture, MOST_LAG_S)
    sound, line = _agreeing(picture, sound)
    both = picture.matched and sound.matched
    if line is not None and (both or min(picture.confidence, sound.confidence) >= _A_WITNESS):
        return _agreed(picture, sound, line)
    if both:
        return _contradicted(picture, sound)
    if picture.matched != sound.matched:
        return picture if picture.matched else sound
    return max(picture, sound, key=lambda answer: answer.confidence)


def likelier(content: Alignment, motion: Alignment) -> Alignment:
    """The likelier of what pictures and sounds say and what moves says.

    Cameras on other sides show pictures that are alike at a wrong moment as well: where the two are
    sure of different places, each takes from the other; where they name one place, it is surer.

    Args:
        content: what pictures, or sounds, say.
        motion: what moves says, of the same recordings.
    """
    content = _at_the_turn_of(motion, content, _ONE_PLACE_S)
    answer = max(content, motion, key=lambda answer: answer.confidence)
    if min(content.confidence, motion.confidence) < _A_WITNESS:
        return answer
    if content.time_map.apart_s(motion.time_map, motion.uncertainty.best_at_s) <= _ONE_PLACE_S:
        agreed = _logit(content.confidence) + _logit(motion.confidence) + _MOST_COINCIDENCE
        return _with_confidence(answer, max(_logit(answer.confidence), agreed))
    return _contradicted(content, motion) if content.matched and motion.matched else answer


def _at_the_turn_of(witness: Alignment, picture: Alignment, within_s: float) -> Alignment:
    """What pictures that repeat themselves say, at the turn that a witness names, if any."""
    at_s = witness.uncertainty.best_at_s
    lines = (picture.time_map, *picture.rivals)
    line = min(lines, key=lambda line: line.apart_s(witness.time_map, at_s))
    named = line.apart_s(witness.time_map, at_s) <= within_s
    if witness.confidence < _A_WITNESS or not named or line == picture.time_map:
        return picture
    shared_s = line.overlap_s((0.0, picture.duration_a_s), (0.0, picture.duration_b_s))
    overlap = Segment(line, *shared_s, picture.score)
    return replace(
        picture,
        time_map=line,
        overlap=overlap,
        segments=(overlap,) if picture.matched else (),
        rivals=tuple(other for other in lines if other != line),
    )


def _agreeing(picture: Alignment, sound: Alignment) -> tuple[Alignment, TimeMap | None]:
    """The sound, of recordings that were cut along the line that the picture knows too, and that
    line of the picture's; None where there is none."""
    for heard in (sound, *(_along(sound, segment) for segment in sound.segments)):
        line = _line_that_agrees(picture, heard)
        if line is not None:
            return heard, line
    return sound, None


def _along(sound: Alignment, segment: Segment) -> Alignment:
    """An answer about recordings that were cut, along the line of one of its segments."""
    known = replace(sound.uncertainty, best_at_s=segment.middle_a_s)
    return replace(sound, time_map=segment.time_map, overlap=segment, uncertainty=known)


def _line_that_agrees(picture: Alignment, sound: Alignment) -> TimeMap | None:
    """The picture's line that the sound's is, but for a lag; of a video that was cut, any."""
    at_s = sound.uncertainty.best_at_s
    for line in (picture.time_map, *(segment.time_map for segment in picture.segments)):
        close = line.apart_s(sound.time_map, at_s) <= MOST_LAG_S
        if close and abs(math.log(line.speed / sound.speed)) < _SAME_SPEED:
            return line
    return None


def _agreed(picture: Alignment, sound: Alignment, line: TimeMap) -> Alignment:
    """The answer where both name one line."""
    at_s = sound.uncertainty.best_at_s
    lag_s = line.to_b(at_s) - sound.time_map.to_b(at_s)
    unsure_s = math.hypot(picture.uncertainty.at(at_s), sound.uncertainty.at(at_s))
    lags = abs(lag_s) > max(_LEAST_LAG_S, _CLEARLY * unsure_s)
    both = picture.matched and sound.matched
    if lags and not both:  # a guess that is not quite there says nothing
        return (
            picture
            if picture.matched
            else sound
            if sound.matched
            else max(picture, sound, key=lambda answer: answer.confidence)
        )
    if lags and picture.uncertainty.place_s > _SHARP_S:
        return sound
    odds = _logit(picture.confidence) + _logit(sound.confidence)
    reach_s = picture.duration_a_s + picture.duration_b_s
    odds += min(_MOST_COINCIDENCE, max(0.0, math.log(reach_s / (2 * MOST_LAG_S))))
    sure = max(picture, sound, key=lambda answer: answer.confidence)
    odds = max(odds, _logit(sure.confidence))  # a doubtful second witness takes nothing away
    answer = picture if lags else _placed_by_sound(picture, sound)
    if both and not lags and (picture.is_cut or sound.is_cut):
        answer = replace(answer, segments=_heard_too(answer, sound))
    answer = _with_confidence(answer, odds)
    return replace(
        answer,
        by="both",
        sound_lag_s=(lag_s if lags else 0.0) if both else None,
        rivals=() if sound.matched else answer.rivals,
    )


def _placed_by_sound(picture: Alignment, sound: Alignment) -> Alignment:
    """The picture's answer on the sound's line, which is known to a fraction of a millisecond.

    A video that was cut and re-ordered keeps its lines, of which sound knows one; and so does one
    whose pictures are known better, or whose sound may be a little late, as it seems.
    """
    at_s = sound.uncertainty.best_at_s
    apart_s = picture.time_map.apart_s(sound.time_map, at_s)
    known = sound.uncertainty.at(at_s) < picture.uncertainty.at(at_s)
    if picture.is_cut or not known or apart_s > _CLEARLY * picture.uncertainty.at(at_s):
        return picture
    place_s = math.hypot(sound.uncertainty.place_s, _SOUND_TRAVELS_S)
    return replace(
        picture,
        time_map=sound.time_map,
        overlap=_moved(picture.overlap, sound.time_map),
        segments=tuple(_moved(segment, sound.time_map) for segment in picture.segments),
        uncertainty=Uncertainty(at_s, place_s, sound.uncertainty.speed),
    )


def _heard_too(picture: Alignment, sound: Alignment) -> tuple[Segment, ...]:
    """The picture's segments, and of recordings that were cut what only their sounds tell."""
    seen = picture.segments
    heard = []
    for segment in sound.segments:
        middle_s = segment.middle_a_s
        if not any(s.begin_a_s <= middle_s <= s.end_a_s for s in seen):
            ends_s = [s.end_a_s for s in seen if s.end_a_s < middle_s]
            begins_s = [s.begin_a_s for s in seen if s.begin_a_s > middle_s]
            begin_s = max([segment.begin_a_s, *ends_s])
            end_s = min([segment.end_a_s, *begins_s])
            heard.append(replace(segment, begin_a_s=begin_s, end_a_s=end_s))
    return tuple(sorted([*seen, *heard], key=lambda segment: segment.begin_a_s))


def _moved(segment: Segment, line: TimeMap) -> Segment:
    return replace(segment, time_map=line)


def _contradicted(one: Alignment, other: Alignment) -> Alignment:
    """The surer of two that exclude each other, as sure as it is after the other has spoken."""
    odds = _logit(one.confidence) - _logit(other.confidence)
    return _with_confidence(one, odds) if odds >= 0 else _with_confidence(other, -odds)


def _with_confidence(answer: Alignment, odds: float) -> Alignment:
    """The same with another confidence, and segments or none as that asks for."""
    confidence = 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))
    segments = answer.segments or (answer.overlap,)
    matched = confidence >= answer.min_confidence
    return replace(answer, confidence=confidence, segments=segments if matched else ())


def _logit(confidence: float) -> float:
    bounded = min(1 - 1e-9, max(1e-9, confidence))
    return math.log(bounded / (1 - bounded))
