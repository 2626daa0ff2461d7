"""The constants of aligning by sound that its decision was fitted with: one place, one digest.

As in align/settings.py: who changes a number here fits the weights of decide.py anew
(`python -m benchmarks.calibrate_sound`).
"""

from dataclasses import dataclass

from videoalignment.provenance import Digested


@dataclass(frozen=True)
class SoundSettings(Digested):
    """All constants between whitened sound and confidence."""

    # ------------------------------------------------------------------ search
    segment_s: float = 2.0
    """Length of the pieces of A that are looked for in all of B: clocks that run apart by 100 parts
    in a million blur the correlation of 2 s by 0.2 ms, less than a period of most sounds."""
    pool_s: float = 0.004
    """Steps of the search; what follows looks further than one step."""
    most_places: float = 2e8
    """Pieces times samples of B that are tried, for speed: seven pieces in two hours."""
    least_peak: float = 3.5
    """Standard deviations from which a peak of one piece counts: the highest of a step's samples
    reaches it by chance in one of 30 steps."""
    most_peak: float = 80.0
    """More than this counts no more."""
    candidates: int = 8
    """Places that go on to refinement where several are clear: music that repeats itself."""
    clear_score: float = 3000.0
    """The sum of fourth powers from which a place is clear; one piece's chance peaks reach 100."""
    unclear: int = 3
    """Places that go on where none is clear."""
    hopeless: float = 0.02
    """A place with less than this part of the best one's score goes on only as its one rival."""
    apart_s: float = 0.03
    """Candidates that are nearer to each other are one."""

    # ------------------------------------------------------------------ refinement
    window_s: float = 2.0
    """Length of the windows whose delays a line is fitted to; an eighth of a short overlap."""
    least_window_s: float = 0.25
    most_windows: int = 48
    """Of a line, for speed."""
    first_reach_s: float = 12.0
    """Windows up to this far from where a candidate was found are looked at first: clocks that run
    apart by `most_rate` leave the curves' reach no sooner."""
    growth: float = 3.0
    """The reach grows by this from one fit to the next, until the overlap is covered."""
    lags: int = 160
    """Samples on each side of a line that are looked at: 20 ms."""
    most_rate: float = 6e-4
    """How far two clocks may run apart: several times what recorders do."""
    usual_rate: float = 6e-5
    """Standard deviation of what is taken for likely before anything is heard: quartz clocks are
    true to 50 parts in a million. It decides only where little is heard."""
    peak_z: float = 4.0
    """A window's peak below this is no delay; the highest of 40 by chance reaches 2.5."""
    most_z: float = 30.0
    """A window's peak above this counts no more. Not much less: the echoes of a clear sound pass
    ten, and where all count alike, one of them is taken for the sound."""
    near: int = 8
    """Samples from a line within which a window's peak belongs to it: 1 ms, which is a step aside
    of someone who films."""
    spread_s: float = 5e-5
    """Least standard deviation of a window's delay."""
    repeats: float = 8.0
    """So many windows tell as much as one that is independent of the others: they overlap, and an
    equaliser's or a room's delay changes slowly."""
    unseen_s: float = 3.5e-4
    """What windows cannot show: equalisers and codecs delay by up to so much; half width."""

    # ------------------------------------------------------------------ verification
    cell_s: float = 0.025
    """What sounds alike for so long is one agreement: a click must not count as many."""
    piece_s: float = 1.0
    """The overlap agrees or does not in pieces of this length."""
    most_pieces: int = 600
    """At most, for speed."""
    most_cell: float = 5.0
    """Standard deviations beyond which a cell counts no more."""
    decoys: tuple[int, ...] = (53, 97, 151, 211, 307, 359)
    """Samples before and after the line where the same sounds must not agree: they give the
    standard deviation, so that what repeats itself (a hum, a note) counts for little."""
    agrees: float = 3.0
    """A piece's standard deviations from which it agrees; chance reaches it once in 700."""
    strongest: float = 0.3
    """The share of pieces, those that agree best, without which agreement must last: a jingle that
    two recordings share is not all of them."""
    most_lasting: float = 4.0
    part_s: float = 0.5
    """The overlap's weakest third is looked for in steps of this length."""

    # ------------------------------------------------------------------ decision
    most_agreement: float = 12.0
    """Beyond this all agreement is one."""
    even: float = 0.6
    """Where two recordings share a moment, the weakest third of the overlap has this part of the
    usual agreement, or more."""
    clear_agreement: float = 6.0
    """Agreement above chance at which a third without any is clearly a hole; with none, what is
    weakest is chance."""
    rival_apart_s: float = 0.1
    """Lines that lie further from the best one are its rivals."""
    told_s: float = 0.2
    """What differs between two lines for so long is one piece of evidence."""
    most_told: float = 6.0
    """Standard errors beyond which one line is told from another, and no more."""


SETTINGS = SoundSettings()
