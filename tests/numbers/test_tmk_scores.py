"""Scores, pairs and clusters of TMK+PDQF hashes."""

import dataclasses
import json
from itertools import combinations, permutations

import numpy as np
import pytest
import torch
from tmk_made_up import folded, level2_obviously, made_up_hash, moving_features

from videoalignment.errors import FeatureMismatchError, OptionError, UnusableFileError
from videoalignment.tmk_clusters import cluster_hashes
from videoalignment.tmk_files import read_hash, to_bytes, write_hash
from videoalignment.tmk_kernels import highest_values
from videoalignment.tmk_pairs import BLOCK, find_hashes, read_means, score_files
from videoalignment.tmk_scores import (
    hash_difference,
    hash_rows,
    level1_scores,
    level2_scores,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of a dozen hashes: three scenes, each seen at four times."""
    folder = tmp_path_factory.mktemp("hashes")
    for scene in range(3):
        for begin in range(4):
            features = moving_features(scene, 8, begin_s=1.5 * begin)
            write_hash(folder / f"scene{scene}" / f"{begin}.tmk", folded(features))
    return folder


def test_level_1_is_the_cosine_of_the_means():
    generator = np.random.default_rng(0)
    a, b = (generator.normal(size=(n, 256)).astype(np.float32) for n in (3, 5))
    exact = (a.astype(float) @ b.T.astype(float)) / np.outer(
        *(np.linalg.norm(x.astype(float), axis=1) for x in (a, b))
    )
    assert level1_scores(a, b) == pytest.approx(exact, abs=2e-6)
    assert not level1_scores(0 * a, b).any()
    with pytest.raises(FeatureMismatchError, match="256 and 255"):
        level1_scores(a, b[:, 1:])


def test_level_2_is_the_kernels_highest_value():
    for seeds in ((0, 1), (2, 2), (3, 4)):
        a, b = (
            made_up_hash(seed, periods=(41, 97, 230), harmonics=6, dimensions=5) for seed in seeds
        )
        b = dataclasses.replace(b, coefficients=a.coefficients)
        b = dataclasses.replace(
            b, **{name: rescaled(getattr(b, name), a.coefficients) for name in ("cosines", "sines")}
        )
        score = level2_scores(hash_rows([a]), hash_rows([b]))
        assert score.shape == (1, 1)
        assert score[0, 0] == pytest.approx(level2_obviously(a, b), abs=2e-6)


def rescaled(rows, coefficients):
    norms = np.linalg.norm(rows, axis=2, keepdims=True)
    units = rows / np.where(norms > 0, norms, 1)
    return (units * np.sqrt(coefficients)[:, None]).astype(np.float32)


def test_a_hash_scores_1_with_itself():
    spectra = hash_rows([folded(moving_features(seed, 5)) for seed in range(2)])
    assert level2_scores(spectra, spectra).diagonal() == pytest.approx(1, abs=2e-6)


def test_rows_that_outweigh_all_others_are_refused(tmp_path):
    tmk = made_up_hash(0)
    heavy = dataclasses.replace(tmk, cosines=tmk.cosines * 100)
    with pytest.raises(UnusableFileError, match="of period 5 among the cosines has length"):
        hash_rows([heavy])
    with pytest.raises(UnusableFileError, match="1 periods of 3000 harmonics"):
        hash_rows([made_up_hash(0, periods=(2**31 - 1,), harmonics=3000, dimensions=1)])
    huge = dataclasses.replace(tmk, mean=tmk.mean * np.float32(1e30))
    for name, broken in (("heavy", heavy), ("huge", huge)):
        write_hash(tmp_path / f"{name}.tmk", broken)
        write_hash(tmp_path / "fine.tmk", tmk)
        with pytest.raises(UnusableFileError, match=rf"{name}\.tmk: "):
            list(score_files([tmp_path / "fine.tmk", tmp_path / f"{name}.tmk"]))


def test_files_are_scored_in_their_order(folder):
    files = find_hashes([folder])
    pairs = list(score_files(files))
    assert [(pair.a, pair.b) for pair in pairs] == list(combinations(files, 2))
    for pair in pairs[:3]:
        a, b = read_hash(pair.a), read_hash(pair.b)
        assert pair.level1 == level1_scores(a.mean[None], b.mean[None])[0, 0]
        single = level2_scores(hash_rows([a]), hash_rows([b]))[0, 0]
        assert pair.level2 == pytest.approx(single, abs=1e-6)
    crossed = list(score_files(files[:2], files[5:7]))
    assert [(p.a, p.b) for p in crossed] == [(a, b) for a in files[:2] for b in files[5:7]]


def test_more_files_than_a_block(tmp_path):
    tmk = made_up_hash(0)
    files = [tmp_path / f"{n:03}.tmk" for n in range(BLOCK + 3)]
    for n, file in enumerate(files):
        write_hash(file, dataclasses.replace(tmk, frames=n + 1))
    pairs = list(score_files(files))
    assert len(pairs) == len(files) * (len(files) - 1) // 2
    assert [pair.level1 for pair in pairs] == pytest.approx(np.ones(len(pairs)), abs=1e-6)
    assert np.ptp([pair.level2 for pair in pairs]) < 1e-6
    assert [len(cluster) for cluster in cluster_hashes(files)] == [len(files)]


def test_hashes_of_different_kinds_do_not_mix(tmp_path):
    write_hash(tmp_path / "a.tmk", made_up_hash(0))
    write_hash(tmp_path / "wide.tmk", made_up_hash(0, dimensions=9))
    write_hash(tmp_path / "slow.tmk", dataclasses.replace(made_up_hash(0), fps=5))
    for other in ("wide.tmk", "slow.tmk"):
        files = [tmp_path / "a.tmk", tmp_path / other]
        for compare in (lambda files: list(score_files(files)), cluster_hashes):
            with pytest.raises(FeatureMismatchError):
                compare(files)


def connected(files, pairs, level1, level2):
    """Connected components, by joining sets until nothing changes."""
    groups = [{file} for file in files]
    for pair in pairs:
        if pair.level1 >= level1 and pair.level2 >= level2:
            met = [group for group in groups if {pair.a, pair.b} & group]
            groups = [group for group in groups if group not in met] + [set().union(*met)]
    return sorted(sorted(group) for group in groups)


@pytest.mark.parametrize("levels", [(0.7, 0.7), (0.5, 0.9), (-1, 0.97), (0.95, -1), (1, 1)])
def test_clusters_are_the_connected_components(folder, levels):
    files = find_hashes([folder])
    expected = connected(files, score_files(files), *levels)
    for order in (files, files[::-1], files[5:] + files[:5] + files[:3]):
        assert cluster_hashes(order, level1=levels[0], level2=levels[1]) == expected


def test_thresholds_out_of_range_are_refused(folder):
    with pytest.raises(OptionError, match=r"`level2` 1\.5"):
        cluster_hashes([folder / "scene0" / "0.tmk"], level2=1.5)


def test_no_files_no_clusters():
    assert cluster_hashes([]) == []
    assert read_means([]).shape == (0, 0)


def test_files_of_folders_are_found_once(folder, tmp_path):
    first = folder / "scene0" / "0.tmk"
    found = find_hashes([first, folder])
    assert found[0] == first
    assert len(found) == len(set(found)) == 12
    with pytest.raises(UnusableFileError, match=r"holds no \.tmk files"):
        find_hashes([tmp_path])
    with pytest.raises(UnusableFileError, match="no such file or folder"):
        find_hashes([tmp_path / "none"])


def test_how_far_one_hash_is_from_another():
    a = folded(moving_features(0, 4))
    assert hash_difference(a, a).identical
    near = dataclasses.replace(a, mean=a.mean + np.float32(1))
    found = hash_difference(near, a)
    assert not found.identical
    assert found.largest_mean == pytest.approx(1 / np.linalg.norm(a.mean.astype(float)), rel=1e-3)
    assert found.largest_row == 0
    other = hash_difference(folded(moving_features(1, 5)), a)
    assert other.frames == (75, 60)
    assert other.largest_row > 0.5


def test_scores_and_clusters_of_the_published_files(shared, golden):
    known = json.loads((golden / "tmk" / "scores.json").read_text())
    folder = shared / "data" / "tmk" / "hashes"
    names = sorted(path.stem for path in folder.glob("*.tmk"))
    files = [folder / f"{name}.tmk" for name in names]
    scored = {frozenset((p.a.stem, p.b.stem)): p for p in score_files(files, files)}
    for a, b, level1, level2 in known["two_level_scores"]:
        pair = scored[frozenset((a, b))]
        assert f"{pair.level1:.6f}" == f"{level1:.6f}", (a, b)
        assert pair.level2 == pytest.approx(level2, abs=1.1e-6), (a, b)
    for levels, clusters in known["clusters"].items():
        level1, level2 = map(float, levels.split())
        for order in (files, files[::-1]):
            found = cluster_hashes(order, level1=level1, level2=level2)
            assert [[file.stem for file in cluster] for cluster in found] == clusters


def test_the_order_of_two_hashes_changes_no_score(folder):
    files = find_hashes([folder])[::4]
    hashes = [read_hash(file) for file in files]
    assert len({to_bytes(tmk) for tmk in hashes}) == 3
    for a, b in permutations(hashes, 2):
        there, back = hash_difference(a, b), hash_difference(b, a)
        assert there.level1 == back.level1
        assert there.level2 == pytest.approx(back.level2, abs=1e-6)


def test_the_highest_values_are_those_of_a_full_scan():
    generator = torch.Generator().manual_seed(0)
    periods = torch.tensor([11, 350, 2731], dtype=torch.float64)
    for harmonics in (1, 2, 6, 32):
        fall = torch.linspace(0, 4, harmonics).neg().exp().repeat(2)
        coefficients = torch.randn(3, 40, 2 * harmonics, generator=generator) * fall
        coefficients[:, 0] = 0  # as of a video that is all black
        best = torch.full((40,), -torch.inf, dtype=torch.float64)
        for period, row in zip(periods, coefficients, strict=True):
            turns = torch.arange(harmonics)[:, None] * torch.arange(int(period)) / period
            waves = torch.cat([(2 * torch.pi * turns).cos(), (2 * torch.pi * turns).sin()])
            best = torch.maximum(best, (row.double() @ waves).amax(1))
        scale = coefficients.abs().sum(2).amax(0).clamp(min=1)
        assert torch.isfinite(best).all()
        error = (highest_values(coefficients, periods) - best).abs() / scale
        assert error.max() < 1e-6
