"""The lines through time that two videos share: found, refined, verified, and cut into segments."""

from dataclasses import dataclass, replace
from functools import cached_property

import torch

from videoalignment.align.decide import confidence, log_tries
from videoalignment.align.footage import Footage
from videoalignment.align.grain import NEAR_S, NOTHING, frame_by_frame, have_grain_in_common
from videoalignment.align.refine import Fit, refine
from videoalignment.align.search import Candidate, search
from videoalignment.align.segments import Stretch, find_stretches
from videoalignment.align.settings import SETTINGS
from videoalignment.align.verify import Verification, verify
from videoalignment.align.whitening import whitening
from videoalignment.features.store import FrameFeatures
from videoalignment.time_map import TimeMap

_NEARLY_AS_ALIKE = 0.4  # of a video that was cut, the least likeness of a line beside the answer's


@dataclass(frozen=True)
class Line:
    """A line through time, with what speaks for it."""

    fit: Fit
    verification: Verification
    confidence: float
    """Probability, 0..1, that it is right."""
    by_pictures: bool = False
    """Whether it was found in pictures laid over each other (look.py), not in descriptors."""

    @property
    def time_map(self) -> TimeMap:
        """The line itself."""
        return self.fit.time_map

    @property
    def evidence(self) -> float:
        """How much agreement there is along it; compares lines of one pair of videos."""
        agreement = self.fit.correlation + self.verification.likeness
        bonus = SETTINGS.speed_one_bonus if self.time_map.speed == 1 else 1.0
        return agreement * (self.fit.end_a_s - self.fit.begin_a_s) * bonus

    @property
    def rank(self) -> tuple[float, ...]:
        """What lines are sorted by: the lowest one is the answer.

        Of videos that were cut, a line at another speed through several stretches agrees with more
        than any right one does, but less well: so sure lines go first, and of these likeness counts
        more than length.
        """
        if self.is_sure:
            return 0.0, -self.evidence * self.verification.likeness
        return 1.0, -self.evidence

    @property
    def is_sure(self) -> bool:
        """Whether it is no line that looks good by chance, as some of many do."""
        return self.confidence >= SETTINGS.further_lines_from

    def is_same(self, other: "Line") -> bool:
        """Whether it runs where the other one does."""
        return self.runs_along(other.time_map)

    def runs_along(self, time_map: TimeMap) -> bool:
        """Whether it runs where that does."""
        middle_s = (self.fit.begin_a_s + self.fit.end_a_s) / 2
        return SETTINGS.same_line.holds(self.time_map, time_map, middle_s)


@dataclass(frozen=True)
class WhitenedPair:
    """Two videos, whitened together."""

    a: Footage
    b: Footage

    @classmethod
    def of(cls, a: FrameFeatures, b: FrameFeatures) -> "WhitenedPair":
        """Put two videos together.

        Args:
            a: the shorter video's features.
            b: the longer one's, of the same width.
        """
        footage_a, footage_b = Footage.of(a), Footage.of(b)
        projection = whitening(footage_a, footage_b)
        return cls(footage_a.projected(projection), footage_b.projected(projection))

    @property
    def tries(self) -> float:
        """Logarithm of how many lines there are to choose from."""
        return log_tries(self.a.end_s - self.a.begin_s, self.b.end_s - self.b.begin_s)

    def lines(self, window_s: float, device: torch.device) -> list[Line]:
        """The lines that the search proposes, in the order of their rank.

        Speeds far from 1 are only tried where the usual ones leave doubt.

        Args:
            window_s: the least overlap, seconds of A; at most the length of A.
            device: where the search computes.
        """
        for speeds in (SETTINGS.usual_speeds, SETTINGS.all_speeds):
            found = search(self.a, self.b, window_s=window_s, speeds=speeds, device=device)
            lines = self._tried(found)
            if lines[0].confidence >= SETTINGS.beyond_doubt:
                break
        return lines

    def likeliest(self, window_s: float, device: torch.device) -> list[Line]:
        """The likeliest line at a usual speed, over what proposed it and over all of A.

        Args:
            window_s, device: as for `lines`.
        """
        speeds = SETTINGS.usual_speeds
        return self._tried(
            search(self.a, self.b, window_s=window_s, speeds=speeds, count=1, device=device)
        )

    def _tried(self, candidates: list[Candidate]) -> list[Line]:
        """Candidates, each over the stretch of A that proposed it and over all of A."""
        whole = Candidate(TimeMap(0.0), self.a.begin_s, self.a.end_s)
        widened = [replace(whole, time_map=candidate.time_map) for candidate in candidates]
        tried = dict.fromkeys([*candidates, *widened] or [whole])
        return sorted(map(self.line, tried), key=lambda line: line.rank)

    def line(self, candidate: Candidate | Fit) -> Line:
        """Refine and verify a candidate."""
        fit = refine(self.a, self.b, candidate)
        verification = NOTHING if self.is_grain(fit) else verify(self.a, self.b, fit)
        return Line(fit, verification, confidence(fit, verification, self.tries))

    def is_grain(self, fit: Fit) -> bool:
        """Whether what agrees along a line may be nothing but noise that was added to both."""
        middle_s = (fit.begin_a_s + fit.end_a_s) / 2
        near = fit.time_map.apart_s(self._frame_by_frame, middle_s) < NEAR_S
        return near and self._have_grain_in_common

    def along(self, time_map: TimeMap, window_s: float) -> Line | None:
        """The line near where the two are held to meet; None where they would not share enough.

        Args:
            time_map: where they are held to meet, to some tenths of a second.
            window_s: the least overlap, seconds of A.
        """
        begin_s, end_s = time_map.overlap_s(self.a.span_s, self.b.span_s)
        if end_s - begin_s < window_s:
            return None
        return self.line(Candidate(time_map, begin_s, end_s))

    def cut(self, lines: list[Line], min_confidence: float) -> list[tuple[Stretch, Line]]:
        """Cut A into stretches that follow the likely ones of the lines, in A's order.

        Every line is refined once more over the stretches that follow it, which must leave it
        likely. Where that leaves none, the best line keeps the stretch that it was found on: a
        short one in much that does not match is worth less than the changes of line around it, or
        is drowned by what was taken for its continuation.

        Args:
            lines: the answer first; it is likely.
            min_confidence: from which a line is likely.
        """
        likely = self._likely(lines, min_confidence)
        return self._followed(likely, self._stretches(likely), min_confidence)

    def cut_whole(
        self, lines: list[Line], min_confidence: float, window_s: float, device: torch.device
    ) -> list[tuple[Stretch, Line]]:
        """The same, where what of A follows no line is searched once more by itself: a line through
        a short shot does not come up among those through longer ones.

        Args:
            lines, min_confidence: as for `cut`.
            window_s, device: as for `lines`.
        """
        likely = self._likely(lines, min_confidence)
        stretches = self._stretches(likely)
        ends_s = [self.a.begin_s, *(stretch.end_a_s for stretch in stretches)]
        begins_s = [*(stretch.begin_a_s for stretch in stretches), self.a.end_s]
        further: list[Line] = []
        for begin_s, end_s in zip(ends_s, begins_s, strict=True):
            if end_s - begin_s >= window_s:
                part, speeds = self.a.within(begin_s, end_s), SETTINGS.usual_speeds
                found = search(part, self.b, window_s=window_s, speeds=speeds, device=device)
                further += sorted(map(self.line, found), key=lambda line: line.rank)
        completed = self._likely([*likely, *further], min_confidence)
        if len(completed) > len(likely):
            likely, stretches = completed, self._stretches(completed)
        return self._followed(likely, stretches, min_confidence)

    @cached_property
    def _frame_by_frame(self) -> TimeMap:
        return frame_by_frame(self.a, self.b)

    @cached_property
    def _have_grain_in_common(self) -> bool:
        return have_grain_in_common(self.a, self.b, self._frame_by_frame)

    def _stretches(self, lines: list[Line]) -> list[Stretch]:
        return find_stretches(self.a, self.b, [line.fit for line in lines])

    def _followed(
        self, lines: list[Line], stretches: list[Stretch], min_confidence: float
    ) -> list[tuple[Stretch, Line]]:
        """Stretches, each with the line that it follows, refined; see `cut`."""
        refined = {
            number: self._refined(lines, number, stretches)
            for number in {stretch.line for stretch in stretches}
        }
        cut = [(stretch, refined[stretch.line]) for stretch in stretches]
        found_on = Stretch(0, lines[0].fit.begin_a_s, lines[0].fit.end_a_s)
        kept = [(s, line) for s, line in cut if line.confidence >= min_confidence]
        return kept or [(found_on, lines[0])]

    def _likely(self, lines: list[Line], min_confidence: float) -> list[Line]:
        """The first line, and of the others those that are sure, run elsewhere and are not much
        less alike: what two videos share looks as alike wherever it is."""
        likely = lines[:1]
        alike = _NEARLY_AS_ALIKE * lines[0].verification.likeness
        for line in lines[1:]:
            sure = line.is_sure and line.confidence >= min_confidence
            as_alike = line.verification.likeness >= alike
            if sure and as_alike and not any(map(line.is_same, likely)):
                likely.append(line)
        return likely

    def _refined(self, lines: list[Line], number: int, stretches: list[Stretch]) -> Line:
        """A line, refined from the first to the last stretch that follows it.

        What was found in pictures stays: descriptors know less about it.
        """
        own = [stretch for stretch in stretches if stretch.line == number]
        fit = replace(lines[number].fit, begin_a_s=own[0].begin_a_s, end_a_s=own[-1].end_a_s)
        return replace(lines[number], fit=fit) if lines[number].by_pictures else self.line(fit)
