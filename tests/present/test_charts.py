import base64
import io

import numpy as np
import pytest
from PIL import Image
from ramps import line_alignment

from videoalignment.align.alignment import Evidence
from videoalignment.present.charts import score_chart, similarity_chart


def _evidence(**changes) -> Evidence:
    offsets_s = np.linspace(-10, 30, 401)
    fields = {
        "offsets_s": offsets_s,
        "scores": np.where(abs(offsets_s - 3.7) < 0.01, 0.9, 0.05),
        "similarity": np.zeros((50, 80)),
        "times_a_s": np.arange(50) * 0.2 + 0.1,
        "times_b_s": np.arange(80) * 0.2 + 0.1,
    }
    return Evidence(**{**fields, **changes})


def _points(path: str) -> np.ndarray:
    return np.array([[float(n) for n in p.split(",")] for p in path[1:].split("L")])


def _picture(chart) -> np.ndarray:
    content = base64.b64decode(chart.picture.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(content)).convert("L"), dtype=int)


def test_the_chosen_offset_is_marked_at_its_peak():
    chart = score_chart(line_alignment(3.7, 1, 10, 16), _evidence())
    points = _points(chart.path)
    peak = points[points[:, 1].argmin()]  # y goes down
    assert peak[0] == pytest.approx(chart.chosen.percent, abs=0.3)
    assert chart.chosen.label == "3.700 s"


def test_a_narrow_peak_survives_thinning():
    offsets_s = np.arange(100_000) / 10
    scores = np.zeros(100_000)
    scores[61_234] = 1.0
    chart = score_chart(
        line_alignment(6123.4, 1, 10, 9000), _evidence(offsets_s=offsets_s, scores=scores)
    )
    points = _points(chart.path)
    assert len(points) < 2000
    assert points[points[:, 1].argmin(), 0] == pytest.approx(61.234, abs=0.02)
    assert points[:, 1].min() < 10


def test_scores_of_noise_stay_low_in_the_picture():
    noise = np.random.default_rng(0).normal(0, 0.02, 401)
    chart = score_chart(line_alignment(3.7, 1, 10, 16), _evidence(scores=noise))
    assert _points(chart.path)[:, 1].min() > 60  # of 100, from the top


def test_a_lies_from_left_to_right_and_b_from_bottom_to_top():
    similarity = np.zeros((50, 80))
    similarity[5, 70] = 1.0  # the moment 1.1 s of A looks like the moment 14.1 s of B
    chart = similarity_chart(line_alignment(13.0, 1, 10, 16), _evidence(similarity=similarity))
    picture = _picture(chart)
    row, column = np.unravel_index(picture.argmax(), picture.shape)
    assert (column + 0.5) / picture.shape[1] == pytest.approx(1.1 / 10)
    assert (row + 0.5) / picture.shape[0] == pytest.approx(1 - 14.1 / 16)
    (stroke,) = chart.strokes
    along = (1.1 - 0) / (3.0 - 0)  # the line passes through that moment
    assert stroke.x1 + along * (stroke.x2 - stroke.x1) == pytest.approx(11.0)
    assert stroke.y1 + along * (stroke.y2 - stroke.y1) == pytest.approx(100 - 14.1 / 16 * 100)


def test_the_best_guess_is_drawn_where_nothing_matches():
    alignment = line_alignment(3.0, 1, 10, 16, matched=False)
    (stroke,) = similarity_chart(alignment, _evidence()).strokes
    assert (stroke.x1, stroke.y1) == pytest.approx((0, 100 - 3 / 16 * 100))


def test_a_thin_match_of_long_videos_stays_visible():
    count = 3000
    similarity = np.eye(count)
    times_s = np.arange(count) + 0.5
    evidence = _evidence(similarity=similarity, times_a_s=times_s, times_b_s=times_s)
    picture = _picture(similarity_chart(line_alignment(0, 1, count, count), evidence))
    assert max(picture.shape) <= 700
    assert (np.fliplr(picture.T).diagonal() > 200).all()


def test_similarity_of_noise_stays_dark():
    noise = np.random.default_rng(0).uniform(0, 0.2, (50, 80))
    chart = similarity_chart(line_alignment(0, 1, 10, 16), _evidence(similarity=noise))
    assert _picture(chart).max() < 100


def test_ticks_lie_on_their_values():
    chart = similarity_chart(line_alignment(0, 1, 10, 16), _evidence())
    for tick in chart.x_ticks:
        assert tick.percent == pytest.approx(float(tick.label) / 10 * 100)
    assert chart.y_ticks[0].label == "0"


def test_a_single_frame_can_be_drawn():
    one = _evidence(
        similarity=np.ones((1, 1)),
        times_a_s=np.zeros(1),
        times_b_s=np.zeros(1),
        offsets_s=np.zeros(1),
        scores=np.ones(1),
    )
    alignment = line_alignment(0, 1, 0.04, 0.04)
    assert similarity_chart(alignment, one).picture
    assert "nan" not in score_chart(alignment, one).path
