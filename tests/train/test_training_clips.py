"""What a kernel is trained on: who is related to whom, what the two sides share, changed clips."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import write_aligned, write_evve, write_vcdb

from videoalignment.datasets import EVVE, VCDB, Climbing, FrameSequence, Madonna
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.train import TrainingSettings
from videoalignment.train.augment import change, offset_now
from videoalignment.train.clips import read_clips, split


def content(clips) -> set[bytes]:
    return {sequence.descriptors.tobytes() for sequence in clips.sequences}


@pytest.mark.parametrize("dataset", [Climbing, Madonna])
def test_the_two_sides_share_no_clip_and_all_pairs_are_true(tmp_path, dataset):
    root = write_aligned(tmp_path, dataset.name, events=5)
    sides = split(dataset, 1, root=root)
    assert not content(sides[0]) & content(sides[1])
    whole = dataset(root)
    number = {
        sequence.descriptors.tobytes(): i for i, sequence in enumerate(read_clips(whole).sequences)
    }
    for side in sides:
        of_whole = [number[sequence.descriptors.tobytes()] for sequence in side.sequences]
        for pair in side.pairs:
            a, b = of_whole[pair.a], of_whole[pair.b]
            assert whole.overlaps[a, b]
            assert pair.offset == pytest.approx(15 * whole.offsets_s[a, b])
        assert not (side.unrelated & whole.overlaps[np.ix_(of_whole, of_whole)]).any()
    assert sides[0].unrelated.any()


def test_madonnas_own_folds_are_used(tmp_path):
    root = write_aligned(tmp_path, "Madonna", events=5)
    for fold in range(3):
        _, validation = split(Madonna, fold, root=root)
        own = read_clips(Madonna(root, phase="val", fold_index=fold))
        assert content(validation) == content(own)


def test_copies_of_vcdb_begin_together_and_groups_part(tmp_path):
    training, validation = split(VCDB, 0, root=write_vcdb(tmp_path, groups=3))
    assert {pair.offset for pair in (*training.pairs, *validation.pairs)} == {0.0}
    assert not content(training) & content(validation)


def test_offsets_of_evve_are_unknown_and_negatives_are_unrelated(tmp_path):
    root = write_evve(tmp_path)
    training, _ = split(EVVE, 0, root=root)
    assert {pair.offset for pair in training.pairs} == {None}
    dataset = EVVE(root, phase="train")
    positive = np.array([label.label == 1 for label in dataset.labels])
    event = np.array([label.event for label in dataset.labels])
    same = positive & positive[:, None] & (event == event[:, None])
    np.fill_diagonal(same, True)
    np.testing.assert_array_equal(read_clips(dataset).unrelated, ~same)


def test_one_group_of_clips_is_too_few(tmp_path):
    with pytest.raises(VideoAlignmentError, match="Climbing: no pair of clips to train on"):
        split(Climbing, root=write_aligned(tmp_path, "Climbing", events=1))


# ------------------------------------------------------------------ changed clips


def numbered(frames: int, begin: int) -> FrameSequence:
    """Frames each of which has the direction of its own moment on a common clock."""
    descriptors = np.eye(512, dtype=np.float32)[begin : begin + frames]
    return FrameSequence(descriptors, np.arange(frames, dtype=np.float32))


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.integers(-100, 100))
def test_the_true_offset_of_changed_clips_is_where_their_frames_show_the_same(seed, begin):
    rng = np.random.default_rng(seed)
    a, b = (change(numbered(150, start), rng) for start in (120, 120 + begin))
    shown = []
    for changed in (a, b):
        sequence = changed.sequence
        assert sequence.times[0] == 0
        assert (np.diff(sequence.times) > 0).all()
        np.testing.assert_allclose(np.linalg.norm(sequence.descriptors, axis=1), 1, rtol=1e-5)
        shown.append(dict(zip(sequence.descriptors.argmax(1), sequence.times, strict=True)))
    offset = offset_now(a, b, float(begin))
    common = sorted(shown[0].keys() & shown[1].keys())
    if offset is None:
        assert len(common) <= 1
    elif common:
        differences = np.array([shown[0][moment] - shown[1][moment] for moment in common])
        assert differences.min() - 0.05 * 150 < offset < differences.max() + 0.05 * 150
        middle = np.median(differences)
        assert abs(offset - middle) < 2  # the middle of the frames that are left is near that


@pytest.mark.parametrize(
    ("name", "value"),
    [("epochs", -1), ("batch", 0), ("margin", float("nan")), ("learning_rate", "fast"),
     ("proposals", 2.5), ("seed", -1)],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(name, value):
    with pytest.raises(OptionError, match=f"`{name}` "):
        TrainingSettings(**{name: value})
