"""The constants of finding segments in coarse features: one place, one digest, as in settings.py.

All were set on made-up trees (`benchmarks/copied_trees.py`) of the seeds that
`benchmarks/calibrate_copies.py` fits the decision on; figures are reported on others.
"""

from dataclasses import dataclass

from videoalignment.provenance import Digested


@dataclass(frozen=True)
class CoarseSettings(Digested):
    """All constants between coarse features and confidence."""

    rate_hz: float = 1.0
    """Moments a second that are compared, at most: features of more are averaged. Benchmarks of
    copied segments publish one a second, and label to the second."""
    most_cells: int = 1 << 25
    """Of the table of similarities; longer videos are compared at fewer moments, for memory."""

    # ------------------------------------------------------------------ similarity
    background_floor: float = 0.05
    """Least spread of similarities that is believed: those of a still's frames have none."""
    neighbours: int = 1
    """Moments before and after, in both videos, that similarity is averaged with. With none, copies
    whose moments hardly stand out are lost; with two, short ones are."""
    chance: float = 2.0
    """Spreads over the background at which a cell speaks neither for a copy nor against. Of 1.5, 2
    and 2.5 the best by little."""
    most: float = 6.0
    """Spreads beyond which similarity counts no more: frames that are black in both."""

    # ------------------------------------------------------------------ paths
    skip: float = 1.0
    """What it costs to leave out a moment of one video, so that one plays faster. Of 0.5, 1 and 2
    no matter."""
    least_gain: float = 6.0
    """Least sum of a path."""
    drop: float = 8.0
    """What a path may lose on the way before it is cut in two: some seconds that do not match. Of
    4 to 16 no matter where copies lie close to each other; more bridges what lies between them."""
    most_paths: int = 8
    """Of a pair: 0.05 % of VCSL's labelled pairs hold more segments."""
    band: int = 3
    """Moments beside a path that belong to it."""
    shadow: float = 0.8
    """This share of what a path gained is taken off what others gain in the same moments: scenes
    that come back look like copies, but not as much as one. F1 on made-up trees is lower by 0.01
    at 0.5, and the same from 0.8 to 1.3, where a stretch that is shown twice is lost."""

    # ------------------------------------------------------------------ evidence
    novelty: float = 0.3
    """How far a moment must be from the one before, 1 - cosine, to count in full."""
    weakest: float = 0.8
    """The share of the changes, those which agree least, in which agreement must last."""
    noise: float = 1e-3
    """Added where agreement is divided by its size."""


COARSE = CoarseSettings()
