"""The constants of aligning that its decision was fitted with: one place, one digest.

The decision's weights (decide.py) hold for lines that were found, refined and measured with exactly
these numbers. They carry the digest of the settings they were fitted with; who changes a number
here fits the weights anew (`python -m benchmarks.calibrate_align`).

Beside each number stands what it is for and, where that is known, what it came from. All were set
while the method was built, on clips of the footage that docs/aligning.md lists; only where a
measurement is named here was one kept.
"""

import math
from dataclasses import dataclass

from videoalignment.provenance import Digested
from videoalignment.time_map import TimeMap


@dataclass(frozen=True)
class Closeness:
    """When two lines through time count as the same one."""

    apart_s: float
    """How far apart they may place a moment of A, seconds of B."""
    log_speed: float = math.inf
    """How much their speeds may differ, as a difference of natural logarithms."""

    def holds(self, one: TimeMap, other: TimeMap, *times_a_s: float) -> bool:
        """Whether two lines are the same at each of these moments of A."""
        if abs(math.log(one.speed / other.speed)) >= self.log_speed:
            return False
        return all(one.apart_s(other, time_s) < self.apart_s for time_s in times_a_s)


@dataclass(frozen=True)
class Round:
    """How far around a line, and in what steps, a round of refinement looks."""

    reach_s: float
    step_s: float
    speed_reach: float


@dataclass(frozen=True)
class AlignSettings(Digested):
    """All constants between features and confidence."""

    # ------------------------------------------------------------------ whitening
    dimensions: int = 64
    """Directions of variation that are kept, the strongest ones."""
    damping: float = 0.03
    """Directions with less than this share of the strongest one's variance are damped, not
    amplified."""
    noise_variance: float = 1e-5
    """Variance of unit-norm descriptors below which a direction is noise of coding, not motion."""
    whitening_samples: int = 4000
    """Moments of each video that the variation is measured on, for speed."""

    # ------------------------------------------------------------------ search
    min_overlap_s: float = 3.0
    """Least overlap where none is asked for, seconds: the calibration's shortest clip."""
    usual_speeds: tuple[float, ...] = tuple(2.0 ** (k / 7) for k in (-1, 0, 1))
    """Tried first. Steps of a tenth leave at most a twentieth of a window's length of drift at its
    ends."""
    all_speeds: tuple[float, ...] = tuple(2.0 ** (k / 7) for k in range(-7, 8))
    """Tried where the usual ones leave doubt: half to double."""
    bins_per_s: float = 10.0
    """Steps of the search; refinement reaches five of them."""
    most_bins: int = 18000
    """Of the longer video: two hours at 2.5 Hz, for memory."""
    dimensions_when_long: int = 32
    """The strongest ones, where `most_bins` is reached; a long video has windows enough."""
    peaks_per_window: int = 4
    """Places that a window of A votes for at each speed."""
    most_peaks: int = 5000
    """The strongest ones over all windows, for speed."""
    seeds: int = 60
    """Peaks that every pair of is tried as a line, for speed."""
    search_stillness: float = 0.05
    """Energy a bin that every window is taken to have more than it has: a window that hardly moves
    has a correlation of noise, which must not score."""
    peak_to_line_bins: float = 1.5
    """How far from a line a peak supports it, bins."""
    peak_to_line_log_speed: float = 0.1
    """How far from a line's speed a peak's may be to support it: a step of `all_speeds`."""
    candidates: int = 8
    """Lines that go on to refinement."""

    # ------------------------------------------------------------------ the same line, three times
    same_candidate: Closeness = Closeness(0.3, log_speed=0.05)
    """Candidates that refinement would take to the same line: it looks 0.5 s and 6 % around each,
    and must not be given less than it can tell apart."""
    same_line: Closeness = Closeness(0.5)
    """Refined lines that explain the same stretch of A: only one of them may claim its moments. As
    far as refinement reaches, for two refined from one candidate may end anywhere within."""
    same_piece: Closeness = Closeness(0.1)
    """Segments that a person would not cut between: the place of a segment's end is known to the
    search's step, not better. Decides nothing about matching."""

    # ------------------------------------------------------------------ refinement
    known_speeds: tuple[float, ...] = (
        *(1.0, 24 / 25, 25 / 24, 1000 / 1001, 1001 / 1000),
        *(0.95, 1 / 0.95, 1.05, 1 / 1.05),
    )
    """Speeds that footage is known to be changed by; 1 comes first in everything."""
    rounds: tuple[Round, ...] = (Round(0.5, 0.02, 0.06), Round(0.12, 0.005, 0.01))
    """Coarse, then much finer than a frame. The first reaches whatever the search left open."""
    most_windows: int = 64
    """Windows that a line is refined with, for speed."""
    window_s: float = 1.5
    """Their length: half of the least overlap."""
    least_windows: int = 8
    """Of a short stretch, whose windows are shorter: with 4, speeds of clips of few seconds were
    taken for others, since how much 4 windows scatter is hardly known. Of 192 edited clips 90 %
    begin within 0.02 s of the truth, with 4 windows 88 %."""
    stillness: float = 0.05
    """Energy, in whitened units a step, below which a window counts as standing still."""
    clearly_better: float = 2.5
    """Speed 1 is kept unless the best speed is better by this many standard errors."""
    hardly_better: float = 1.0
    """Another known speed replaces the best one only where it is worse by fewer."""
    speed_floor: float = 1e-4
    """Least standard error of a correlation's mean, so that equal lines compare."""

    # ------------------------------------------------------------------ verification
    moments_per_s: float = 16.0
    """Moments that are compared. Of 8 and 16 a second, the latter tells more in short stretches."""
    most_moments: int = 1600
    """At most, for speed."""
    cell_s: float = 0.25
    """How long what happens in one direction counts as one change."""
    weakest: float = 0.8
    """The share of the time, that which agrees least, in which agreement must last."""
    change_moments: int = 2
    """A change is from a moment to this many later. Of 1, 2 and 4, with cells of 1/8 to 1 s, this
    tells 26 clips from 575 pairs that share nothing as well as any, and it suits 8 frames a
    second."""
    usual_change: float = 0.3
    """Changes are divided by the root of their size and this much of the usual size."""
    noise: float = 1e-3
    """Added where agreement is divided by its size, in whitened units: nothing does not agree."""

    # ------------------------------------------------------------------ decision
    most_agreement: float = 8.0
    """Beyond this root of a number of independent agreements all is one."""
    speed_one_bonus: float = 1.2
    """Most videos run at speed 1; another speed must explain this much more. With it, 91 % of
    70 clips were within 0.1 s, without it 87 %."""
    beyond_doubt: float = 0.999
    """Confidence from which no further speeds are tried."""
    further_lines_from: float = 0.9
    """Confidence from which a line counts beside the best one, and goes before lines with more
    evidence that are less sure: among the many that are tried, some look good by chance."""

    # ------------------------------------------------------------------ segments
    segment_moments_per_s: float = 15.0
    """Moments of A that are each put on a line or on none."""
    most_segment_moments: int = 30000
    """At most, for speed."""
    change_s: float = 1.0
    """A change of line costs this much time at the usual similarity, seconds..."""
    shaky: float = 4.0
    """... and more where similarity is shaky: this many variances over the usual similarity."""


SETTINGS = AlignSettings()


@dataclass(frozen=True)
class LookSettings(Digested):
    """The constants of a second look, at the pictures (look.py)."""

    below: float = 0.95
    """Confidence below which pictures are looked at, however low: of 498 clips, all 413 whose
    confidence is higher are right, and five below 0.015 were found by looking."""
    vague_s: float = 0.02
    """Half width of a place's interval from which pictures are looked at, too: two phones that pan
    over one event looked alike to a network, but a third of a second from where they are."""
    longest_s: float = 30.0
    """Of A, around the middle of a line; the pictures of a longer stretch are not looked at."""
    around_s: float = 10.0
    """How far from a line B is looked at, too."""
    fps: float = 30.0
    """Pictures a second."""
    side: int = 384
    """Their longer side, pixels."""
    moments: int = 6
    """Moments whose pictures are laid over each other."""
    first: tuple[int, ...] = (1, 4)
    """The moments that are tried first, for speed,"""
    first_fps: float = 6.0
    """of long videos in so many pictures a second..."""
    first_support: int = 6
    """... and how many cells must agree in them. Of 70 pairs that share nothing at most 5 do; of 50
    right ones that all moments agree on, 10 and more."""
    rounds: int = 4
    """Laying over and aligning by turns: a camera that moves is laid over wrongly where the line is
    a little off."""
    settled_s: float = 0.01
    """A line that moved less by being laid over anew stays."""
    alike: float = 0.985
    """Correlation from which pictures are taken to be of one moment."""
    steps_s: tuple[float, ...] = (0.1, 0.03)
    """How far from a line that stays pictures are laid over each other, too."""
    gain: float = 0.01
    """What agreement must gain by that."""
    least_support: int = 12
    """Cells of the picture that must agree on how it is laid over. Of 40 pairs that share nothing,
    those that look most as if they did, at most 6 do; of 70 right ones all but two 26 and more, one
    17."""
    thumbnail: tuple[int, int] = (18, 32)
    """Height and width of what two pictures share, once they lie over each other."""
    lines: int = 3
    """Lines that are looked at, the likeliest ones, until one can be laid over."""
    aligning: str = SETTINGS.digest
    """What is seen is aligned with these settings."""


LOOK = LookSettings()
