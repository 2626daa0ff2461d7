"""Work on all cores, one core a piece."""

from threading import Event
from time import sleep

import pytest
import torch

from videoalignment.workers import each_on_one_core, map_in_order


def test_map_in_order_keeps_order_takes_few_ahead_and_passes_errors_on():
    taken = []

    def numbers():
        for number in range(50):
            taken.append(number)
            yield number

    results = map_in_order(lambda n: (n, torch.get_num_threads()), numbers(), 3)
    cores = torch.get_num_threads()
    assert next(results) == (0, 1)
    assert len(taken) <= 5
    assert [n for n, _ in results] == list(range(1, 50))
    assert torch.get_num_threads() == cores
    with pytest.raises(ZeroDivisionError):
        list(map_in_order(lambda n: 1 // (n - 3), range(9), 2))


def test_each_on_one_core_keeps_order_and_lets_nothing_wait_for_a_long_one():
    """The first ends only when all others have."""
    others = [Event() for _ in range(20)]

    def worked(number):
        if number:
            others[number - 1].set()
            return number
        return 0 if all(other.wait(60) for other in others) else None

    cores = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert each_on_one_core(worked, range(21), "working", "pieces") == [*range(21)]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(cores)


def test_each_on_one_core_ends_with_the_first_error():
    begun = []

    def worked(number):
        begun.append(number)
        sleep(0.01)
        return 1 // (number - 3)

    with pytest.raises(ZeroDivisionError):
        each_on_one_core(worked, range(500), "working", "pieces")
    assert len(begun) < 500
