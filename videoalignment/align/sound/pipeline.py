"""Two sounds in, one answer out: search, refine, verify, decide."""

from dataclasses import dataclass, replace

from videoalignment.align.alignment import HALF_WIDTH, MATCHED_FROM, Alignment, Segment, Uncertainty
from videoalignment.align.sound.cuts import SoundStretch, find_cuts, together
from videoalignment.align.sound.decide import confidence, log_tries
from videoalignment.align.sound.heard import Heard
from videoalignment.align.sound.refine import Fit, overlap, refine
from videoalignment.align.sound.rivals import NO_RIVAL, Rivalry, cannot_be_told, rivalry
from videoalignment.align.sound.search import search
from videoalignment.align.sound.settings import SETTINGS
from videoalignment.align.sound.verify import Verification, verify
from videoalignment.features.sound_features import SoundFeatures
from videoalignment.time_map import TimeMap

_MOST_RIVALS = 3
_OF_ONE_PIECE = 0.95  # share that agrees along one line from which nothing was cut


@dataclass(frozen=True)
class SoundLine:
    """A line through time that sound proposes, with what speaks for it."""

    fit: Fit
    verification: Verification
    tries: float
    """Logarithm of how many lines there were to choose from."""
    rivalry: Rivalry = NO_RIVAL
    """How near other lines come to this one."""
    rivals: tuple[TimeMap, ...] = ()
    """Those from which it cannot be told, the most alike first."""
    stretches: tuple[SoundStretch, ...] = ()
    """Of recordings that were cut, those that are heard along one line each; then this line is the
    one that most of A is heard along, and what speaks for it is all that agrees."""

    @property
    def time_map(self) -> TimeMap:
        """The line itself."""
        return self.fit.time_map

    @property
    def confidence(self) -> float:
        """Probability, 0..1, that it is right."""
        return confidence(self.verification, self.tries, self.rivalry)


def align_sound(
    a: SoundFeatures | Heard, b: SoundFeatures | Heard, *, min_confidence: float = MATCHED_FROM
) -> Alignment:
    """Align two recordings by their sound; see `videoalignment.align.sound`.

    Args:
        a, b: the two sounds; as `Heard` where they are aligned with several others, which then
            share what is computed once a recording.
        min_confidence: the confidence from which the two match.

    Raises:
        FeatureMismatchError: they were whitened in different ways.
    """
    one, other = (x if isinstance(x, Heard) else Heard(x) for x in (a, b))
    one.features.check_comparable(other.features)
    if in_order(one, other):
        return _align(one, other, min_confidence)
    return _align(other, one, min_confidence).inverse()


def in_order(a: Heard, b: Heard) -> bool:
    """Whether A comes first in the order that makes aligning symmetric: the shorter one first."""
    if len(a.features.whitened) != len(b.features.whitened):
        return len(a.features.whitened) < len(b.features.whitened)
    return a.features.whitened.tobytes() <= b.features.whitened.tobytes()


def best_line(a: Heard, b: Heard) -> SoundLine | None:
    """The line that most speaks for; None where nothing is heard in one of the two.

    Args:
        a: the shorter recording.
        b: the longer one.
    """
    tries = log_tries(a.features.length_s, b.features.length_s)
    fits = [refine(a, b, candidate) for candidate in search(a, b)]
    lines = [SoundLine(fit, verify(a, b, fit.time_map), tries) for fit in fits]
    if not lines:
        return None
    best = max(lines, key=lambda line: line.verification.evidence)
    if best.verification.evidence <= 0:
        return best
    by_chance = (2 * tries) ** 0.5
    others = [
        line
        for line in lines
        if line.time_map.apart_s(best.time_map, best.fit.best_at_s) > SETTINGS.rival_apart_s
        and line.verification.agreement > by_chance
    ]
    near = rivalry(best.verification, [other.verification for other in others])
    whole = replace(best, rivalry=near, rivals=_not_told(best, others))
    cut = _cut(a, b, [best, *others])
    return cut if cut is not None and cut.confidence > whole.confidence else whole


def _cut(a: Heard, b: Heard, lines: list[SoundLine]) -> SoundLine | None:
    """What speaks for two recordings having been cut, so that several lines lead from one to the
    other; None where one line explains all that is explained.

    Args:
        a, b: the two recordings.
        lines: those along which more agrees than by chance, the best one first.
    """
    tries = lines[0].tries
    if len(lines) == 1 or lines[0].verification.share > _OF_ONE_PIECE:
        return None
    stretches = find_cuts(a, b, [(line.time_map, line.verification) for line in lines], tries)
    heard_s = {
        line: sum(s.end_a_s - s.begin_a_s for s in stretches if s.line == line.time_map)
        for line in lines
    }
    followed = [line for line in lines if heard_s[line] > 0]
    if len(followed) < 2:
        return None
    most = max(followed, key=lambda line: heard_s[line])
    agreeing = together(a, [line.verification for line in followed], stretches)
    near = Rivalry(
        max(stretch.rivalry.likeness for stretch in stretches),
        min(stretch.rivalry.told for stretch in stretches),
    )
    return SoundLine(most.fit, agreeing, tries, near, stretches=stretches)


def _not_told(best: SoundLine, others: list[SoundLine]) -> tuple[TimeMap, ...]:
    """The lines from which the best one cannot be told, the most alike first."""
    alike = sorted(others, key=lambda other: -other.verification.likeness)
    rivals = [
        other.time_map for other in alike if cannot_be_told(best.verification, other.verification)
    ]
    return tuple(rivals[:_MOST_RIVALS])


def _align(a: Heard, b: Heard, min_confidence: float) -> Alignment:
    """Align A, the shorter one, with B."""
    line = best_line(a, b)
    if line is None:
        return _nothing_heard(a, b, min_confidence)
    begin_s, end_s = overlap(a, b, line.time_map)
    whole = Segment(line.time_map, begin_s, max(begin_s, end_s), line.verification.likeness)
    matched = line.confidence >= min_confidence
    segments = tuple(
        Segment(s.line, s.begin_a_s, s.end_a_s, s.verification.likeness) for s in line.stretches
    ) or (Segment(line.time_map, *line.verification.agreeing_s, line.verification.likeness),)
    fit = line.fit
    place_s = HALF_WIDTH * fit.place_s
    return Alignment(
        time_map=line.time_map,
        score=line.verification.likeness,
        confidence=line.confidence,
        overlap=whole,
        segments=segments if matched else (),
        uncertainty=Uncertainty(
            fit.best_at_s,
            (place_s**2 + SETTINGS.unseen_s**2) ** 0.5,
            HALF_WIDTH * fit.speed,
        ),
        duration_a_s=a.features.end_s,
        duration_b_s=b.features.end_s,
        min_confidence=min_confidence,
        by="sound",
        rivals=line.rivals,
    )


def _nothing_heard(a: Heard, b: Heard, min_confidence: float) -> Alignment:
    """No evidence at all: of no offset more than of any other."""
    begin_s, end_s = overlap(a, b, TimeMap(0.0))
    longest_s = a.features.length_s + b.features.length_s
    return Alignment(
        time_map=TimeMap(0.0),
        score=0.0,
        confidence=0.0,
        overlap=Segment(TimeMap(0.0), begin_s, max(begin_s, end_s), 0.0),
        segments=(),
        uncertainty=Uncertainty(begin_s, longest_s, SETTINGS.most_rate),
        duration_a_s=a.features.end_s,
        duration_b_s=b.features.end_s,
        min_confidence=min_confidence,
        by="sound",
    )
