"""The constants of the index: one place, one digest, as in align/settings.py.

`stored` decides what lies in an index, so an index made with others is refused; `searching` decides
how it is asked, and its confidence (place.py) was fitted with exactly these.
"""

from dataclasses import dataclass

from videoalignment.provenance import Digested


@dataclass(frozen=True)
class StoredSettings(Digested):
    """What is kept of a video."""

    rate_hz: float = 10.0
    """Moments a second that are kept for placing; frames are averaged over each."""
    window_moments: int = 20
    """Moments that a window holds: 2 s. Of 1, 2 and 3 s the recall is the same, and a window costs
    as much whatever its length."""
    width: int = 160
    """Numbers a moment. Of edited pictures of held-out scenes the own scene is the nearest among
    50,000 for 95.5 % with 160, 93.9 % with 96, 93.2 % with 64; 192 give no more than 160."""
    window_width: int = 96
    """Numbers a window, the first ones of its moments': the own scene is among the 64 nearest for
    99.5 % with 96, 99.6 % with 160, 99.2 % with 64."""

    @property
    def window_s(self) -> float:
        """How long a window is, seconds."""
        return self.window_moments / self.rate_hz


@dataclass(frozen=True)
class SearchSettings(Digested):
    """How an index is asked."""

    query_hop_moments: int = 5
    """From one window of the query to the next: no moment is further than a quarter of a second
    from where a window of a video would begin."""
    most_query_windows: int = 480
    """Of a query; longer ones than 4 minutes are asked at fewer moments."""
    neighbours: int = 64
    """Windows that each window of the query votes with."""
    videos_voted_on: int = 60
    """Those whose windows stand out most; lines are looked for in these."""
    seeds: int = 12
    """Votes of a video that lines are drawn through."""
    log2_speeds: tuple[float, ...] = (-0.7, -0.49, -0.28, -0.14, 0.0, 0.14, 0.28, 0.49, 0.7)
    """Speeds of these lines, as powers of 2."""
    near_s: float = 1.5
    """How far from a line a vote supports it: windows lie 2 s apart."""
    lines_a_video: int = 4
    """A video may hold a query several times."""
    next_line: float = 0.35
    """Support of a further line of a video, at least this share of its first."""
    candidates: int = 24
    """Lines that are looked at; the most alike ones are placed exactly, first..."""
    patience: int = 3
    """... until so many in a row were unsure."""
    speeds_around: tuple[float, ...] = (0.93, 1.0, 1.075)
    """Speeds that are tried where a line is placed, times its own: votes hardly tell speeds."""
    lines_placed: int = 3
    """Lines that are refined in each place."""
    margin_query_s: float = 2.0
    """What is placed reaches so far beyond the windows that voted."""
    margin_video_s: float = 5.0
    """Likewise in the video, where votes may be off."""
    similar_moments: int = 10
    """Moments that similarity along a line is measured over: 1 s."""
    beta: float = 1.0
    """How much of the similarity to unrelated footage is taken off."""


STORED = StoredSettings()
SEARCH = SearchSettings()
