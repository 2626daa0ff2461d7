from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import RECIPE, D, write_aligned, write_evve, write_pickle, write_vcdb

from videoalignment.datasets import DATASETS, EVVE, VCDB, Climbing, Madonna, base, time_stamps
from videoalignment.datasets.annotations import Clip
from videoalignment.errors import FeatureMismatchError, VideoAlignmentError
from videoalignment.features.sidecar import Making, write_sidecar
from videoalignment.features.store import FORMATS, FrameFeatures, write_features

WRITERS = {
    "Climbing": lambda root: write_aligned(root, "Climbing"),
    "Madonna": lambda root: write_aligned(root, "Madonna", events=7, clips=2),
    "VCDB": lambda root: write_vcdb(root, groups=6, videos=3),
    "EVVE": write_evve,
}


@pytest.fixture(params=WRITERS)
def name(request) -> str:
    return request.param


@pytest.fixture
def root(tmp_path, name):
    (tmp_path / name).mkdir()
    return WRITERS[name](tmp_path / name)


def test_every_clip_has_features(name, root):
    dataset = DATASETS[name](root)
    assert len(dataset.videos) == len(set(dataset.videos)) <= len(dataset.clips)
    assert all(dataset.feature_path(video).is_file() for video in dataset.videos)
    descriptors = [*dataset.read_descriptors(dataset.videos)]
    assert {array.shape[1] for array in descriptors} == {D}


def test_the_root_may_be_configured(name, root, monkeypatch):
    monkeypatch.setenv(f"VIDEOALIGNMENT_{name.upper()}", str(root))
    assert DATASETS[name]().clips == DATASETS[name](root).clips


# ------------------------------------------------------------------ names


def test_names_in_climbing():
    assert Climbing.video_name("albert/video-2013-01-08.avi.mp4") == "albert/video-2013-01-08"
    assert Climbing.video_name("albert_ixus70/longvid.avi.mp4") == "albert_ixus70/longvid.avi"


def test_names_in_madonna():
    assert Madonna.video_name("cam1/Madonna - live.part1.mp4") == "Madonna - live"


def test_clips_of_vcdb_are_distinct_segments(tmp_path):
    write_vcdb(tmp_path)
    dataset = VCDB(tmp_path)
    annotated = {
        side
        for copy in dataset.copies
        for side in (
            (copy.video_a, copy.begin_a_s, copy.end_a_s),
            (copy.video_b, copy.begin_b_s, copy.end_b_s),
        )
    }
    assert len(dataset.clips) == len(annotated) < 2 * len(dataset.copies)
    assert {(clip.video, clip.begin_s, clip.end_s) for clip in dataset.clips} == annotated
    assert all(clip.event_begin_s == 0 for clip in dataset.clips)


def test_counts_of_the_real_vcdb(shared, tmp_path, monkeypatch):
    """Three lines are wrong in the published files; two distinct clips fewer without them."""
    (tmp_path / "annotation").symlink_to(shared / "data" / "vcdb" / "annotation")
    monkeypatch.setattr(VCDB, "_leave_out_missing", lambda *_: None)
    dataset = VCDB(tmp_path)
    assert len(dataset.videos) == 528
    wrong = {
        "mr_and_mrs_smith_tango/38f11a4162d8e94227ac644f117f942735b9a504": 155,
        "obama_kicks_door/14c262ea09b4ca66feb7e88cf57e0faaeacc301f": 19,
        "run_forrest_fun/067fb2aa9623905a42a2b0b286de1386e45c5bf8": 66,
    }
    others = (
        "bf582249cfc79d691195a8681961029cc5149a76",
        "f150e062960b477adcac3f12ef4543337f5a91a4",
        "8f19329946455ae5c2c7b788ea6f6513bf5e1c9a",
    )
    kept = [
        copy
        for copy in dataset.copies
        if not (copy.video_b.endswith(others) and wrong.get(copy.video_a) == copy.begin_a_s)
    ]
    clips = {(c.video_a, c.begin_a_s, c.end_a_s) for c in kept}
    clips |= {(c.video_b, c.begin_b_s, c.end_b_s) for c in kept}
    assert (len(kept), len(clips)) == (9233, 7760)


def test_labels_of_evve_follow_its_clips(tmp_path):
    write_evve(tmp_path)
    dataset = EVVE(tmp_path, phase="train")
    assert [label.video for label in dataset.labels] == [clip.video for clip in dataset.clips]
    assert {label.split for label in dataset.labels} == {"database"}


# ------------------------------------------------------------------ what is true


def test_offsets_and_overlaps_on_the_events_clock(tmp_path):
    lines = ["a.mp4 1 11 100\n", "b.mp4 0 5 103.5\n", "c.mp4 2 4 109\n", "d.mp4 0 1 500\n"]
    (tmp_path / "gt_climbing.align").write_text("".join(lines))
    for video in "abcd":
        write_pickle(tmp_path / "rmac_resnet34_29" / f"{video}.pkl", np.ones((200, 4), np.float32))
    dataset = Climbing(tmp_path)
    # The moment 104 is 3 s into a's clip (which begins at 101), 0.5 s into b's.
    assert dataset.offsets_s[0, 1] == 2.5
    np.testing.assert_array_equal(dataset.offsets_s, -dataset.offsets_s.T)
    expected = np.eye(4, dtype=bool)
    expected[0, 1] = expected[1, 0] = True  # a 101..111 and b 103.5..108.5; c begins at 111
    np.testing.assert_array_equal(dataset.overlaps, expected)


# ------------------------------------------------------------------ phases and folds


@pytest.mark.parametrize("name", ["Madonna", "VCDB"], indirect=True)
def test_folds_partition_the_clips(name, root):
    everything = DATASETS[name](root).clips
    folds = []
    for fold in range(5):
        val = DATASETS[name](root, phase="val", fold_index=fold).clips
        train = DATASETS[name](root, phase="train", fold_index=fold).clips
        assert sorted(val + train, key=str) == sorted(everything, key=str)
        assert val
        folds += val
    assert sorted(folds, key=str) == sorted(everything, key=str)


@pytest.mark.parametrize("name", ["Madonna"], indirect=True)
def test_no_component_is_split(name, root):
    dataset = Madonna(root)
    fold_of = {
        clip: fold
        for fold in range(5)
        for clip in Madonna(root, phase="val", fold_index=fold).clips
    }
    folds = np.array([fold_of[clip] for clip in dataset.clips])
    a, b = np.nonzero(dataset.overlaps)
    assert len(a) > len(folds)
    assert (folds[a] == folds[b]).all()


@pytest.mark.parametrize("name", ["VCDB"], indirect=True)
def test_no_group_is_split(name, root):
    groups = [
        {clip.video.split("/")[0] for clip in VCDB(root, phase="val", fold_index=fold).clips}
        for fold in range(5)
    ]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 6


def test_evve_trains_on_the_database(tmp_path):
    write_evve(tmp_path)
    val = EVVE(tmp_path, phase="val")
    assert {label.split for label in val.labels} == {"query"}
    assert len(val.clips) + len(EVVE(tmp_path, phase="train").clips) == len(EVVE(tmp_path).clips)


def test_climbing_has_no_folds(tmp_path):
    write_aligned(tmp_path, "Climbing")
    with pytest.raises(VideoAlignmentError, match="Climbing has no folds"):
        Climbing(tmp_path, phase="val")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"phase": "test"}, "'test': expected one of all, train, val"),
        ({"fold_index": 5}, "5: expected 0 to 4"),
    ],
)
def test_impossible_options(tmp_path, options, message):
    with pytest.raises(VideoAlignmentError, match=message):
        EVVE(tmp_path, **options)


# ------------------------------------------------------------------ what is missing


def test_missing_annotations_are_named(name, tmp_path):
    with pytest.raises(VideoAlignmentError) as error:
        DATASETS[name](tmp_path)
    assert str(error.value).startswith(str(tmp_path))
    assert "\n" not in str(error.value)


def remove_features(dataset, count: int):
    for video in dataset.videos[:count]:
        dataset.feature_path(video).unlink()


def test_missing_features_are_counted_before_any_is_read(name, root, monkeypatch):
    complete = DATASETS[name](root)
    remove_features(complete, 2)
    monkeypatch.setattr(base, "read_many", lambda *_: pytest.fail("features were read"))
    with pytest.raises(VideoAlignmentError) as error:
        DATASETS[name](root)
    message = str(error.value)
    assert f"2 of {len(complete.videos)} feature files are missing" in message
    assert message.startswith(str(complete.feature_path(min(complete.videos[:2]))))
    assert "`allow_missing`" in message


def test_clips_without_features_may_be_left_out(name, root, caplog):
    complete = DATASETS[name](root)
    remove_features(complete, 2)
    dataset = DATASETS[name](root, allow_missing=True)
    left_out = set(complete.videos[:2])
    assert dataset.clips == tuple(clip for clip in complete.clips if clip.video not in left_out)
    assert f"2 of {len(complete.videos)} feature files" in caplog.text


def test_nothing_but_missing_features_is_an_error_all_the_same(name, root):
    dataset = DATASETS[name](root)
    remove_features(dataset, len(dataset.videos))
    with pytest.raises(VideoAlignmentError, match="feature files are missing"):
        DATASETS[name](root, allow_missing=True)


def test_another_level_has_its_own_folder(name, root):
    with pytest.raises(VideoAlignmentError, match="rmac_resnet34_31"):
        DATASETS[name](root, resnet_level=31)


# ------------------------------------------------------------------ features and their times


@given(frames=st.integers(0, 400), rate=st.sampled_from([10, 15, 23.976, 24, 25, 29.97, 30, 60]))
def test_time_stamps_are_the_nearest_own_frames(frames, rate):
    stamps = time_stamps(frames, rate).astype(float) / 15
    assert stamps.dtype == float
    own_frames = stamps * rate
    np.testing.assert_allclose(own_frames, own_frames.round(), atol=2e-3)
    assert (abs(stamps - np.arange(frames) / 15) <= 0.5 / rate + 1e-5).all()


def test_half_way_goes_to_the_even_frame():
    """At 22.5 frames a second every other sample lies half-way between two frames."""
    own_frames = time_stamps(5, 22.5) / 15 * 22.5
    np.testing.assert_allclose(own_frames, [0, 2, 3, 4, 6], atol=1e-5)


@pytest.fixture
def climbing(tmp_path) -> Climbing:
    return Climbing(write_aligned(tmp_path, "Climbing", events=1))


@pytest.mark.parametrize(
    ("begin_s", "end_s", "frames"),
    [(1.0, 3.0, (15, 45)), (0.99, 1.999, (14, 29)), (0, 0, (0, 100)), (5, 4, (0, 100)),
     (6, 99, (90, 100)), (50, 60, (100, 100))],
)  # fmt: skip
def test_clips_are_cut_at_frames(climbing, begin_s, end_s, frames):
    descriptors = np.arange(100, dtype=np.float32)[:, None]
    clip = Clip(climbing.videos[0], begin_s, end_s, 0)
    sequence = climbing.sequence(clip, descriptors)
    assert sequence.descriptors[:, 0].tolist() == [*range(*frames)]
    np.testing.assert_array_equal(sequence.times, time_stamps(frames[1] - frames[0], 25))


def test_missing_videos_are_said_once_with_their_number(climbing, caplog):
    assert set(climbing.frame_rates.values()) == {25}
    assert climbing.frame_rates
    (said,) = caplog.messages
    assert "3 of 3 videos have no readable file" in said


def test_frame_rates_come_from_the_videos(replica):
    """The generator wrote videos of 25, 30, 24 and 15 frames a second in turn."""
    dataset = Climbing(replica(11, 1.6) / "Climbing")
    rates = [dataset.frame_rates[video] for video in dataset.videos]
    assert rates == [[25, 30, 24, 15][i % 4] for i in range(len(rates))]


def test_a_broken_video_counts_as_missing(climbing, caplog):
    path = climbing.root / "videos" / f"{climbing.videos[0]}.mp4"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no video")
    assert climbing.frame_rates[climbing.videos[0]] == 25
    assert "3 of 3" in caplog.text


@pytest.mark.parametrize("suffix", [".m4v", ".MP4", ".ogv"])
def test_the_rate_of_any_video_is_read(climbing, make_video, suffix):
    container = ["-f", "ogg"] if suffix == ".ogv" else ["-f", "mp4"]
    codec = ["-c:v", "libtheora"] if suffix == ".ogv" else ["-c:v", "libx264"]
    picture = "testsrc=size=64x48:rate=10:duration=1"
    make_video(f"videos/{climbing.videos[0]}{suffix}", *codec, *container, source=picture)
    assert climbing.frame_rates[climbing.videos[0]] == 10
    assert climbing.frame_rates[climbing.videos[1]] == 25


@pytest.mark.parametrize("suffix", FORMATS)
def test_features_of_another_rate_are_refused(climbing, suffix):
    path = climbing.feature_path(climbing.videos[1])
    path.unlink()
    recipe = replace(RECIPE, max_fps=30)
    path = path.with_suffix(f".{suffix}")
    rows = np.random.default_rng(0).standard_normal((90, D), np.float32)
    write_features(path, FrameFeatures(rows, np.arange(90) / 30, 30, recipe, 3))
    if suffix != "npz":
        write_sidecar(path.parent, Making(recipe, 30))
    with pytest.raises(FeatureMismatchError, match="30 frames a second, expected 15") as error:
        [*climbing.read_descriptors(climbing.videos[1:])]
    assert str(error.value).startswith(f"{path}: ")


def test_a_name_that_no_disk_can_hold_is_a_missing_file(tmp_path):
    (tmp_path / "gt_climbing.align").write_text(f"{'x' * 300}.mp4 0 1 0\n")
    with pytest.raises(VideoAlignmentError, match="1 of 1 feature files are missing"):
        Climbing(tmp_path)


def test_the_longest_video(tmp_path):
    write_vcdb(tmp_path)
    dataset = VCDB(tmp_path)
    assert dataset.longest_frames() == max(map(len, dataset.read_descriptors(dataset.videos)))
