import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoalignment.errors import OptionError
from videoalignment.time_map import TimeMap

MAPS = st.builds(TimeMap, st.floats(-1e5, 1e5), st.floats(0.1, 10))
MOMENTS = st.floats(-1e5, 1e5)


def close(value: float):
    return pytest.approx(value, rel=1e-9, abs=1e-4)


@given(MAPS, MOMENTS)
def test_there_and_back_is_nowhere(a_to_b, moment_s):
    assert a_to_b.to_a(a_to_b.to_b(moment_s)) == close(moment_s)
    assert a_to_b.inverse().to_b(moment_s) == close(a_to_b.to_a(moment_s))


@given(MAPS, MAPS, MOMENTS)
def test_one_after_the_other_is_the_two_put_together(a_to_b, b_to_c, moment_s):
    together = b_to_c.to_b(a_to_b.to_b(moment_s))
    assert a_to_b.then(b_to_c).to_b(moment_s) == pytest.approx(together, rel=1e-9, abs=1e-3)


def test_arrays_of_moments_are_mapped_at_once():
    moments_s = np.array([[0.0, 1.0], [2.0, 3.0]])
    np.testing.assert_allclose(TimeMap(3.0, 2.0).to_b(moments_s), 3 + 2 * moments_s)
    np.testing.assert_allclose(TimeMap(3.0, 2.0).to_a(3 + 2 * moments_s), moments_s)


def test_how_far_two_maps_are_apart_depends_on_the_moment():
    assert TimeMap(1.0, 1.0).apart_s(TimeMap(0.0, 1.5), 2.0) == 0
    assert TimeMap(1.0, 1.0).apart_s(TimeMap(0.0, 1.5), 0.0) == 1


@pytest.mark.parametrize("speed", [0, -1, math.nan, math.inf])
def test_time_runs_forwards(speed):
    with pytest.raises(OptionError, match="speed"):
        TimeMap(0.0, speed)


@pytest.mark.parametrize("offset_s", [math.nan, math.inf, -math.inf])
def test_an_offset_is_a_moment(offset_s):
    with pytest.raises(OptionError, match="offset_s"):
        TimeMap(offset_s)
