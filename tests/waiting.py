"""Waiting for what other programs do, never without an end."""

import time
from collections.abc import Callable


def wait_until(happened: Callable[[], bool], *, at_most_s: float = 60) -> None:
    """Wait for something that no event tells of, such as a file that another program writes.

    Raises:
        AssertionError: it has not happened after `at_most_s`.
    """
    end = time.monotonic() + at_most_s
    while not happened():
        assert time.monotonic() < end, f"it has not happened within {at_most_s:g} s"
        time.sleep(0.02)
