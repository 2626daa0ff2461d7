"""What the measuring programs share: the machine, fair timing, processes with their peak memory."""

import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median


def describe_machine() -> str:
    """One line for reports: processor, cores, versions, date."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(": ", 1)[1] if names else model
    return (
        f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"torch {version('torch')}, {date.today().isoformat()}"
    )


def alternate(*actions: Callable[[], object], rounds: int) -> list[float]:
    """Time actions in turn, so that a machine that slows down slows all of them.

    Returns:
        The median seconds of each action; the first round warms up and is not counted.
    """
    times = [[] for _ in actions]
    for counted in (False, *[True] * rounds):
        for action, seconds in zip(actions, times, strict=True):
            started = time.perf_counter()
            action()
            if counted:
                seconds.append(time.perf_counter() - started)
    return [median(seconds) for seconds in times]


def run_process(command: list[str], environment: dict[str, str]) -> tuple[float, float, str]:
    """Run a command as a process of its own.

    Returns:
        Wall seconds, peak memory in GiB (of the largest process, but no less than this one had
        when it started it, which Linux counts as the new one's), what it printed on stdout.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status != 0:
        sys.exit(f"{' '.join(command)}: failed")
    return seconds, usage.ru_maxrss / 2**20, printed


def peak_memory_gib() -> float:
    """The largest amount of memory this process has had so far.

    Linux's own word on it: that of `getrusage` includes what the process had that started this one.
    """
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[1]) / 2**20
