"""Progress bars: on stderr, after a second, and only for people."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import progressbar

Item = TypeVar("Item")

SHOW_AFTER_S = 1.0
"""Work that takes less shows nothing, seconds."""


class Progress:
    """Counts work done towards a total and draws it on stderr.

    Nothing is drawn in the first second, nor when stderr is no terminal.

    Args:
        label: what is being done, e.g. "matching".
        total: how many steps there are, or None when that is not known.
        unit: what a step is, for the rate shown, e.g. "frames".
    """

    def __init__(self, label: str, total: int | None, unit: str = "") -> None:
        self._total = total
        self._done = 0
        self._started = time.monotonic()
        self._bar: progressbar.ProgressBar | None = None
        self._widgets: list[Any] = [
            f"{label} ",
            progressbar.Percentage(),
            " ",
            progressbar.Bar(),
            " ",
        ]
        if total is None:
            self._widgets = [f"{label} ", progressbar.AnimatedMarker(), " "]
        if unit:
            self._widgets += [progressbar.FileTransferSpeed(unit=f" {unit}", prefixes=("",)), " "]
        self._widgets.append(progressbar.Timer() if total is None else progressbar.ETA())

    def advance(self, steps: int = 1) -> None:
        """Say that `steps` more steps are done."""
        self._done += steps
        if self._bar is None:
            if time.monotonic() - self._started < SHOW_AFTER_S or not sys.stderr.isatty():
                return
            self._bar = progressbar.ProgressBar(
                max_value=self._total or progressbar.UnknownLength,
                widgets=self._widgets,
                fd=sys.stderr,
            )
            self._bar.start()
        self._bar.update(min(self._done, self._total) if self._total else self._done)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, exception_type: type[BaseException] | None, *_: object) -> None:
        if self._bar is not None:
            self._bar.finish(dirty=exception_type is not None)


def track(items: Iterable[Item], label: str, total: int, unit: str = "") -> Iterator[Item]:
    """Yield `items`, advancing a progress bar by one after each."""
    with Progress(label, total, unit) as progress:
        for item in items:
            yield item
            progress.advance()
