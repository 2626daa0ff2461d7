import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from videoalignment.intervals import hundredths, overlap


def sampled(begin_s: float, end_s: float) -> np.ndarray:
    """The protocol's own way."""
    return np.round(np.arange(begin_s, end_s, 0.01), 2)


def overlaps(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return bool(overlap(hundredths(*a), hundredths(*b)))


def stretches(unit: int):
    """Begin and end in whole units, `unit` of them a second, often close together."""
    begins = st.integers(0, 3 * unit) | st.integers(0, 4000 * unit)
    lengths = st.integers(0, unit // 20) | st.integers(0, 30 * unit)
    return st.tuples(begins, lengths).map(lambda x: (x[0] / unit, (x[0] + x[1]) / unit))


@st.composite
def neighbours(draw, unit: int):
    """Two stretches of which the second begins about where the first begins or ends."""
    a, b = draw(stretches(unit)), draw(stretches(unit))
    near = draw(st.sampled_from(a)) + draw(st.integers(-30, 30)) / unit
    begin = round(max(0, near) * unit) / unit
    return a, (begin, round((begin + b[1] - b[0]) * unit) / unit)


@settings(max_examples=500)
@given(neighbours(100) | neighbours(15) | neighbours(1))
def test_equals_the_sampled_way(pair):
    """Times as they are annotated (whole or hundredths of a second) and found (fifteenths)."""
    a, b = pair
    assert overlaps(a, b) == bool(np.isin(sampled(*a), sampled(*b)).any())


@settings(max_examples=500)
@given(neighbours(1000))
def test_equals_the_sampled_way_to_thousandths(pair):
    """But where samples lie half-way between two hundredths: then rounding leaves holes, and
    stretches that share less than 0.04 s may miss each other."""
    a, b = pair
    half_way = any(round(begin_s * 1000) % 10 == 5 for begin_s, _ in pair)
    shared_s = min(a[1], b[1]) - max(a[0], b[0])
    assume(not half_way or shared_s > 0.04 or shared_s < -0.02)
    assert overlaps(a, b) == bool(np.isin(sampled(*a), sampled(*b)).any())


@settings(max_examples=300)
@given(stretches(100) | stretches(15))
def test_first_and_last_sample(stretch):
    first, last = hundredths(*stretch)
    samples = sampled(*stretch)
    assert (last < first) == (len(samples) == 0)
    if len(samples):
        assert (first, last) == (round(samples[0] * 100), round(samples[-1] * 100))


def test_the_end_is_left_out():
    assert not overlaps((0, 1), (1, 2))
    assert overlaps((0, 1.01), (1, 2))
    assert overlaps((0, 1), (0.99, 0.995))


def test_an_empty_stretch_overlaps_nothing():
    assert not overlaps((1, 1), (0, 2))
    assert not overlaps((2, 1), (0, 3))
    assert not overlaps((1, 1), (1, 1))


def test_shapes_broadcast():
    a = hundredths([0, 5, 9], [2, 6, 10])
    table = overlap((a[0][:, None], a[1][:, None]), hundredths([1, 5.5], [5.1, 5.7]))
    assert table.tolist() == [[True, False], [True, True], [False, False]]
