"""Places from hashes alone."""

import dataclasses
from itertools import permutations

import numpy as np
import pytest
from scipy.ndimage import uniform_filter1d
from tmk_made_up import folded, made_up_hash, moving_features

from videoalignment.align.hashes import align_hashes
from videoalignment.errors import FeatureMismatchError, OptionError, UnusableFileError
from videoalignment.tmk_files import read_hash
from videoalignment.tmk_unfold import unfold


def test_what_moved_slowly_is_found_again_in_a_hash():
    features = moving_features(0, 20)
    units = features / np.linalg.norm(features, axis=1, keepdims=True)
    signal = unfold(folded(features))
    assert signal.samples.shape == units.shape
    assert signal.determined
    assert np.mean(np.sum(signal.samples**2, axis=1)) == pytest.approx(1)
    # means of 2.7 s, without the ends, where the signal blurs, and without what stands still
    smooth = [uniform_filter1d(x, 40, axis=0)[30:-30] for x in (signal.samples, units)]
    a, b = (x - x.mean(0) for x in smooth)
    assert np.sum(a * b) / np.sqrt(np.sum(a**2) * np.sum(b**2)) > 0.9


@pytest.mark.parametrize("begin_s", [0.0, 3.2, 11.0])
def test_a_clip_is_found_in_its_video(begin_s):
    video = folded(moving_features(0, 24))
    clip = folded(moving_features(0, 9, begin_s=begin_s))
    found = align_hashes(clip, video)
    assert found.found
    assert found.offset_s == pytest.approx(begin_s, abs=min(0.3, found.uncertainty_s))
    assert found.overlap_s == pytest.approx(9, abs=0.3)
    back = align_hashes(video, clip)
    assert back.offset_s == pytest.approx(-found.offset_s, abs=1e-6)
    assert back.confidence == pytest.approx(found.confidence, abs=1e-6)


def test_overlapping_ends_are_found():
    found = align_hashes(
        folded(moving_features(1, 15)), folded(moving_features(1, 15, begin_s=7.0))
    )
    assert found.found
    assert found.offset_s == pytest.approx(-7, abs=0.3)


def test_a_clip_is_found_in_a_long_video():
    video = folded(moving_features(2, 150))
    found = align_hashes(folded(moving_features(2, 12, begin_s=97.3)), video)
    assert found.found
    assert found.offset_s == pytest.approx(97.3, abs=0.5)


def test_hashes_of_different_scenes_cannot_tell():
    hashes = [folded(moving_features(seed, 8 + seed)) for seed in range(4, 9)]
    assert not any(align_hashes(a, b).found for a, b in permutations(hashes, 2))


def test_short_videos_that_hardly_move_cannot_tell():
    for seed in range(3):
        video = folded(moving_features(seed, 20, fastest=0.04))
        clip = folded(moving_features(seed, 6, begin_s=7.3, fastest=0.04))
        assert not align_hashes(clip, video).found


def test_what_stands_still_cannot_tell():
    still = np.repeat(moving_features(0, 1)[:1], 120, axis=0)
    assert not align_hashes(folded(still), folded(still[:70])).found
    assert not align_hashes(folded(moving_features(0, 8)), folded(still)).found


def test_what_returns_again_and_again_cannot_tell():
    once = moving_features(0, 7)
    video = folded(np.concatenate([once, once, once]))
    assert not align_hashes(folded(once), video).found
    assert align_hashes(folded(once), folded(moving_features(0, 21))).found


def test_what_cannot_be_compared_is_refused():
    tmk = folded(moving_features(0, 4))
    with pytest.raises(FeatureMismatchError):
        align_hashes(tmk, made_up_hash(0))
    with pytest.raises(OptionError, match="`min_overlap_s` 0"):
        align_hashes(tmk, tmk, min_overlap_s=0)
    with pytest.raises(UnusableFileError, match="claims 2000000000 frames"):
        align_hashes(tmk, dataclasses.replace(tmk, frames=2_000_000_000))
    black = folded(np.zeros((30, 256), np.float32))
    with pytest.raises(UnusableFileError, match="all its rows are zero"):
        align_hashes(tmk, black)


def test_small_hashes_of_any_kind_are_answered():
    for seed in range(20):
        a, b = made_up_hash(seed, frames=1 + seed), made_up_hash(seed, frames=40)
        found = align_hashes(a, b)
        assert np.isfinite([found.offset_s, found.uncertainty_s, found.confidence]).all()


def test_places_of_the_sample_videos(shared):
    begins_s = {  # of each file, on the clock of its event
        "chair-19-sd-bar": 3.7,
        "chair-20-sd-bar": 2.0,
        "chair-22-sd-grey-bar": 0.0,
        "chair-22-with-large-logo-bar": 0.0,
        "chair-orig-22-sd-bar": 0.0,
        "doorknob-hd-no-bar": 0.0,
        "pattern-hd-no-bar": 1 / 30,
        "pattern-longer-no-bar": 0.0,
    }
    folder = shared / "data" / "tmk" / "hashes"
    hashes = {name: read_hash(folder / f"{name}.tmk") for name in begins_s}
    for a, b in permutations(begins_s, 2):
        found = align_hashes(hashes[a], hashes[b])
        assert found.found == (a.split("-")[0] == b.split("-")[0]), (a, b)
        if found.found:
            error_s = found.offset_s - (begins_s[a] - begins_s[b])
            assert abs(error_s) < min(0.06, found.uncertainty_s), (a, b)
