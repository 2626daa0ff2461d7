"""What comes of a run over many videos."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How many videos were done, were done before, and failed."""

    done: int
    skipped: int
    """Done before, in the same way."""
    failures: tuple[str, ...] = ()
    """One line a video that failed: the file and the reason."""
