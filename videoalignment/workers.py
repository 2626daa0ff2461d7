"""Work on all cores, one core a piece.

Two pieces on one core each need less time than one after the other on two cores: nothing waits at
the end of each operation, which costs most where other programs take a share of the cores.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

import torch
from threadpoolctl import threadpool_limits

from videoalignment.progress import Progress

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[Result]:
    """Like `map`, with up to `threads` calls at once, each computing on one core.

    Args:
        function: computes with torch; called from several threads.
        items: taken only a few ahead of the results, so that they may be a long stream.
        threads: calls at once.
    """
    pending: deque[Future[Result]] = deque()
    with _workers(threads) as pool:
        for item in items:
            pending.append(pool.submit(function, item))
            if len(pending) > threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def each_on_one_core(
    function: Callable[[Item], Result], items: Sequence[Item], label: str, unit: str
) -> list[Result]:
    """The results of a function of each of some items, as many at once as there are cores: none
    waits for a long one before it.

    Args:
        function: computes with torch or NumPy; called from several threads.
        items: what it takes.
        label, unit: of the progress that is shown.
    """
    # Threads of linear algebra wait for each other busily, which is worst where cores are shared.
    one_core = threadpool_limits(limits=1, user_api="blas")
    progress = Progress(label, len(items), unit)
    with one_core, progress, _workers(torch.get_num_threads()) as pool:
        pending = [pool.submit(function, item) for item in items]
        for done in as_completed(pending):
            done.result()  # an error ends the rest now
            progress.advance()
    return [done.result() for done in pending]


@contextmanager
def _workers(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that compute on one core each; what was not begun at the end is not done."""
    cores = torch.get_num_threads()
    pool = ThreadPoolExecutor(threads, initializer=_compute_on_one_core)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(cores)  # what threads that others start later begin with


def _compute_on_one_core() -> None:
    torch.get_num_threads()  # makes torch initialise this thread now, not over the next line
    torch.set_num_threads(1)
