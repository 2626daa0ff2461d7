import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from videoalignment.features.rmac import pool_regions, rmac_regions, sum_regions
from videoalignment.pca import Whitening


def test_regions_equal_the_golden_ones(golden):
    regions = json.loads((golden / "rmac_regions.json").read_text())
    assert regions
    for name, expected in regions.items():
        height, width, levels = map(int, name.split("x"))
        assert [list(region) for region in rmac_regions(height, width, levels)] == expected, name


@pytest.mark.parametrize("size", ["3x5", "5x3", "4x4"])
def test_descriptors_equal_the_golden_ones(golden, size):
    expected = np.load(golden / "rmac.npz")
    maps = torch.from_numpy(expected[f"{size}/feature_maps"])
    whiten = Whitening(
        torch.from_numpy(expected[f"{size}/pca_mean"]),
        torch.from_numpy(expected[f"{size}/pca_DVt"]),
    )
    regions = pool_regions(maps, 3)
    np.testing.assert_allclose(regions.flatten(0, 1), expected[f"{size}/regional"], atol=1e-5)
    frames = sum_regions(whiten(regions))
    np.testing.assert_allclose(frames, expected[f"{size}/descriptors"], atol=1e-5)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 5))
def test_regions_lie_inside_the_map_and_mirror_with_it(height, width, levels):
    regions = rmac_regions(height, width, levels)
    assert regions
    for x, y, region_width, region_height in regions:
        assert 0 < region_width == region_height
        assert 0 <= x <= width - region_width
        assert 0 <= y <= height - region_height
    turned = {(y, x, side) for x, y, side, _ in rmac_regions(width, height, levels)}
    assert {(x, y, side) for x, y, side, _ in regions} == turned
