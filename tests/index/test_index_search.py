"""What an index answers: several parts, repeats, speeds, dull footage, nothing."""

from dataclasses import replace

import numpy as np
import pytest
from indexed import WHITENING, Story, features_of, from_rows, indexed, joined

pytest.importorskip("lancedb")

from videoalignment.errors import FeatureMismatchError, OptionError
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.index.opening import create_index
from videoalignment.index.place import CALIBRATION
from videoalignment.index.place_windows import CALIBRATION as OF_WINDOWS
from videoalignment.index.settings import SEARCH, STORED

STORIES = {f"{seed}.mp4": Story(seed, 60.0) for seed in range(12)}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    with create_index(tmp_path_factory.mktemp("made") / "i.index") as made:
        made.add(indexed(name, features_of(story)) for name, story in STORIES.items())
        still = np.repeat(STORIES["0.mp4"].at(np.zeros(1)), 25 * 30, axis=0)
        made.add([indexed("still.mp4", from_rows(still))])
        twice = joined(
            features_of(Story(50), 0, 8),
            features_of(Story(51), 0, 20),
            features_of(Story(50), 0, 8),
            features_of(Story(52), 0, 20),
        )
        made.add([indexed("twice.mp4", twice)])
        yield made


@pytest.mark.parametrize("speed", [0.8, 0.95, 1.0, 25 / 24, 1.25])
def test_a_clip_is_found_at_its_speed(index, speed):
    best = index.search(features_of(STORIES["4.mp4"], 20.0, 40.0, speed=speed, noise=2.0))[0]
    assert best.entry.name == "4.mp4"
    assert best.segment.speed == pytest.approx(speed, abs=0.005)
    for time_s in (1.0, 8.0):
        assert best.segment.time_map.to_b(time_s) == pytest.approx(20 + speed * time_s, abs=0.1)


def test_each_part_of_a_query_is_answered(index):
    parts = [("2.mp4", 10.0), ("7.mp4", 30.0), ("9.mp4", 5.0)]
    query = joined(*(features_of(STORIES[name], at, at + 10) for name, at in parts))
    found = {answer.entry.name: answer.segment for answer in index.search(query)}
    assert set(found) == {name for name, _ in parts}
    for place, (name, at_s) in enumerate(parts):
        segment = found[name]
        assert segment.begin_a_s == pytest.approx(10 * place, abs=0.6)
        assert segment.end_a_s == pytest.approx(10 * place + 10, abs=0.6)
        assert segment.time_map.to_b(10 * place + 5.0) == pytest.approx(at_s + 5, abs=0.1)


def test_a_video_that_holds_the_query_twice_is_answered_twice(index):
    answers = index.search(features_of(Story(50), 0, 8))
    assert [answer.entry.name for answer in answers] == ["twice.mp4", "twice.mp4"]
    begins_s = sorted(answer.segment.begin_b_s for answer in answers)
    assert begins_s == pytest.approx([0, 28], abs=0.5)


def test_what_is_not_there_is_not_found(index):
    for seed in range(200, 220):
        assert index.search(features_of(Story(seed), 5.0, 20.0)) == []


def test_dull_footage_answers_to_nothing(index):
    for row in (np.zeros(STORED.width), STORIES["3.mp4"].at(np.zeros(1))[0]):
        assert index.search(from_rows(np.tile(row, (25 * 12, 1)))) == []


def test_answers_are_the_surest_first_and_no_more_than_asked_for(index):
    query = joined(*(features_of(STORIES[n], 0, 8) for n in ("1.mp4", "5.mp4", "8.mp4")))
    answers = index.search(query, min_confidence=0.0)
    confidences = [answer.confidence for answer in answers]
    assert confidences == sorted(confidences, reverse=True)
    assert len(index.search(query, top=2)) == 2


def test_a_query_shorter_than_a_window_is_no_error(index):
    assert index.search(features_of(STORIES["1.mp4"], 0.0, 0.5)) == []


def test_features_of_another_network_are_refused(index):
    other = FrameFeatures(np.ones((50, 112), np.float32), np.arange(50) / 25, 25.0, None, 2.0)
    with pytest.raises(FeatureMismatchError, match="nobody knows"):
        index.search(other)


def test_features_that_aligning_compares_are_refused(index):
    aligning = replace(WHITENING.recipe, level=12)
    other = replace(features_of(STORIES["1.mp4"], 0, 8), recipe=aligning)
    with pytest.raises(FeatureMismatchError, match="level"):
        index.search(other)


@pytest.mark.parametrize("wrong", [{"top": 0}, {"min_confidence": 1.5}])
def test_options_without_such_a_value_are_refused(index, wrong):
    with pytest.raises(OptionError, match=next(iter(wrong))):
        index.search(features_of(STORIES["1.mp4"], 0, 8), **wrong)


@pytest.mark.parametrize("calibration", [CALIBRATION, OF_WINDOWS])
def test_the_confidence_was_fitted_with_these_settings(calibration):
    assert calibration.settings == SEARCH.digest
