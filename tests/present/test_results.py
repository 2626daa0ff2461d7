"""What an evaluation prints and leaves in its folder, from results made by hand."""

import json
import math
import pickle

import numpy as np
import pytest

from videoalignment.errors import VideoAlignmentError
from videoalignment.eval import LocalisationResult, Metric, RetrievalResult, SegmentsResult
from videoalignment.eval.localisation import LocalisedClip
from videoalignment.eval.options import EvaluationOptions, resolve_options
from videoalignment.eval.result import QueryResult
from videoalignment.eval.retrieval import RankedQuery
from videoalignment.eval.run import Evaluation, RunRecord
from videoalignment.present.results import (
    evaluation_text,
    format_table,
    read_results,
    result_rows,
    write_results,
)

RECORD = RunRecord({"python": "3.11"}, "cpu", {"matching": 0.25}, "2026-01-01T00:00:00+00:00")


def localised(query: str, match: str, found_s: float, true_s: float | None, error_s: float):
    return LocalisedClip(
        query=query,
        match=match,
        found_offset_s=found_s,
        true_offset_s=true_s,
        error_s=error_s,
        score=2.5 if query == "b" else 2,
    )


def localisation(ranks: bool) -> LocalisationResult:
    shares = (("<0.1s", 1 / 3), ("<1s", 2 / 3), ("<10s", 2 / 3))
    metrics = [Metric(name, value, 0, 1) for name, value in shares]
    if ranks:
        metrics.append(Metric("mAP", 0.4567, 0.25, 0.75))
    return LocalisationResult(
        metrics=tuple(metrics),
        queries=(
            localised("a", "b", -0.5, -0.52, 0.02),
            localised("b", "a", 1.25, 0.52, 0.73),
            localised("c, d", "a", 7, None, math.inf),
        ),
        pairs=6,
        longest_frames=100,
        errors_s=np.array([0.02, 0.73, np.inf]),
    )


def segments() -> SegmentsResult:
    return SegmentsResult(
        metrics=(
            Metric("AUC", 0.975, 0.9, 1),
            Metric("MaxF1", 0.6749, 0.6, math.nan),
            Metric("AUC strict", 0.5, 0.4, 0.6),
            Metric("MaxF1 strict", 0.25, 0.2, 0.3),
        ),
        queries=(QueryResult(query="g/a 1-2s", match="g/b", found_offset_s=-3, score=1.5),),
        pairs=1,
        longest_frames=40,
        detections=(np.array([3.0, 2.0, 1.0, 0.0]), np.array([1, 0, 1, 0])),
    )


def retrieval() -> RetrievalResult:
    return RetrievalResult(
        metrics=(Metric("mAP", 0.534, 0.5, 0.6), Metric("mAP over events", 0.605, 0.5, 0.7)),
        queries=(
            RankedQuery(
                query="x+y/q", match="x+y/v", found_offset_s=0.5, score=1, average_precision=0.38
            ),
        ),
        pairs=4,
        longest_frames=16000,
        event_means={"x+y": 0.38, "z": 0.83},
    )


def evaluation(result, dataset: str, published=None, **options) -> Evaluation:
    resolved = resolve_options(EvaluationOptions(dataset, "TMK", **options))
    return Evaluation(resolved, result, published or {}, RECORD, f"{dataset}: somewhere")


ALL = {
    "Climbing": lambda: evaluation(localisation(ranks=False), "Climbing"),
    "Madonna": lambda: evaluation(localisation(ranks=True), "Madonna", {"<0.1s": 33.91}),
    "VCDB": lambda: evaluation(segments(), "VCDB", {"MaxF1": 67.3}),
    "EVVE": lambda: evaluation(retrieval(), "EVVE", query_expansion="aqe"),
}


_ERRORS = [
    "Localization error <0.1s: 33.33%",
    "Localization error <1s: 66.67%",
    "Localization error <10s: 66.67%",
]


@pytest.mark.parametrize(
    ("dataset", "lines"),
    [
        ("Climbing", _ERRORS),
        ("Madonna", [*_ERRORS, "Overall mAP: 0.46"]),
        ("VCDB", ["AUC test 0.97", "MaxF1 test 0.67"]),
        ("EVVE", ["x+y\t0.38", "z\t0.83", "Overall mAP: 0.53", "Mean over events: 0.60"]),
    ],
)
def test_the_lines_that_scripts_read(dataset, lines):
    assert ALL[dataset]().result.lines() == lines


def test_what_people_see(tmp_path):
    assert evaluation_text(ALL["VCDB"](), tmp_path) == (
        "VCDB: somewhere\n"
        "\n"
        "AUC test 0.97\n"
        "MaxF1 test 0.67\n"
        "\n"
        "run       metric        ours %    95 % interval  published %\n"
        "--------  ------------  ------  ---------------  -----------\n"
        "TMK_VCDB  AUC            97.50  90.00 to 100.00\n"
        "TMK_VCDB  MaxF1          67.49     60.00 to nan        67.30\n"
        "TMK_VCDB  AUC strict     50.00   40.00 to 60.00\n"
        "TMK_VCDB  MaxF1 strict   25.00   20.00 to 30.00\n"
        "\n"
        f"results.json, per_query.csv and plot.png are in {tmp_path}"
    )


_COLUMNS = "query,match,found_offset_s,true_offset_s,error_s,score"


@pytest.mark.parametrize(
    ("dataset", "rows"),
    [
        (
            "Climbing",
            [
                _COLUMNS,
                "a,b,-0.500000,-0.520000,0.020000,2",
                "b,a,1.250000,0.520000,0.730000,2.500000",
                '"c, d",a,7,,inf,2',
            ],
        ),
        ("VCDB", [_COLUMNS, "g/a 1-2s,g/b,-3,,,1.500000"]),
        ("EVVE", [f"{_COLUMNS},average_precision", "x+y/q,x+y/v,0.500000,,,1,0.380000"]),
    ],
)
def test_a_row_a_query(tmp_path, dataset, rows):
    folder = write_results(ALL[dataset](), tmp_path)
    assert (folder / "per_query.csv").read_text().splitlines() == rows


@pytest.mark.parametrize(
    ("dataset", "content"),
    [
        ("Climbing", {"loc_errors": [np.array([0.02, 0.73, np.inf])]}),
        ("Madonna", {"map": [0.4567], "loc_errors": [np.array([0.02, 0.73, np.inf])]}),
        ("VCDB", {"precision_recall": [[np.array([3.0, 2, 1, 0]), np.array([1, 0, 1, 0])]]}),
        ("EVVE", {"map": [0.534]}),
    ],
)
def test_the_pickle_of_the_2019_implementation(tmp_path, dataset, content):
    folder = write_results(ALL[dataset](), tmp_path)
    data = (folder / f"tests_{dataset}.pkl").read_bytes()
    assert data[:2] == b"\x80\x02"  # as Python 2 reads it
    np.testing.assert_equal(pickle.loads(data), content)


@pytest.mark.parametrize("dataset", ALL)
def test_the_json_file(tmp_path, dataset):
    made = ALL[dataset]()
    folder = write_results(made, tmp_path)
    assert folder == tmp_path / made.options.run_name
    content = json.loads((folder / "results.json").read_text())
    assert list(content) == [
        *("run", "metrics", "events", "pairs", "longest_frames", "seed", "options"),
        *("versions", "device", "timings_s", "finished_at"),
    ]
    assert content["run"] == made.options.run_name
    assert content["events"] == ({"x+y": 0.38, "z": 0.83} if dataset == "EVVE" else {})
    assert content["options"]["model"] == "TMK"
    assert content["options"]["T"] == [9767, 2731, 1039, 253]
    assert list(content["metrics"]) == [metric.name for metric in made.result.metrics]
    if dataset == "VCDB":
        expected = {"value": 0.6749, "low": 0.6, "high": None, "published": 0.673}
        assert content["metrics"]["MaxF1"] == pytest.approx(expected)
    assert {path.name for path in folder.iterdir()} == {
        *("results.json", "per_query.csv", "plot.png", f"tests_{dataset}.pkl")
    }


def test_the_tables_of_all_runs_are_read_back(tmp_path):
    made = [make() for make in ALL.values()]
    for each in made:
        write_results(each, tmp_path)
    rows = [row for each in made for row in result_rows(each)]
    read = read_results(tmp_path)
    assert format_table(read) == format_table(sorted(rows, key=lambda row: row.run))
    assert len(read) == len(rows) == 13


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"run": 1, "metrics": {"mAP": {}}}', "\0"])
def test_a_file_of_something_else_is_named(tmp_path, content):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "results.json").write_text(content)
    with pytest.raises(VideoAlignmentError, match=r"results\.json: not a results file") as error:
        read_results(tmp_path)
    assert "\n" not in str(error.value)


def test_no_results_yet(tmp_path):
    with pytest.raises(VideoAlignmentError, match="run an evaluation first"):
        read_results(tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "TMK_Climbing").write_text("in the way")
    with pytest.raises(VideoAlignmentError, match="cannot be written"):
        write_results(ALL["Climbing"](), tmp_path)


# ------------------------------------------------------------------ pictures


@pytest.fixture
def axes():
    from matplotlib.figure import Figure

    return Figure().add_subplot()


def annotations(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_the_curve_of_errors_is_the_share_below_each(axes):
    localisation(ranks=True).draw(axes)
    thresholds_s, share = axes.lines[0].get_data()
    errors_s = np.array([0.02, 0.73, np.inf])
    expected = [100 * np.mean(errors_s < threshold) for threshold in thresholds_s]
    np.testing.assert_allclose(share, expected)
    assert annotations(axes) == ["33.3 %", "66.7 %", "66.7 %"]
    points = [tuple(map(float, np.ravel(line.get_data()))) for line in axes.lines[1::3]]
    assert points == [
        (0.1, pytest.approx(100 / 3)),
        *((t, pytest.approx(200 / 3)) for t in (1, 10)),
    ]


def test_the_curve_of_precision_and_recall(axes):
    segments().draw(axes)
    recall, precision = axes.lines[4].get_data()
    # thresholds 0, 1, 2, 3 and above all
    np.testing.assert_allclose(recall, [1, 1, 0.5, 0.5, 0])
    np.testing.assert_allclose(precision, [1 / 2, 2 / 3, 1 / 2, 1, 1])
    assert axes.lines[5].get_data() == ([1], [pytest.approx(2 / 3)])
    assert annotations(axes)[-1] == "largest F1 0.800"


def test_a_bar_an_event(axes):
    retrieval().draw(axes)
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([38, 83])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["x y", "z"]
    assert annotations(axes)[-1] == "mean over queries 53.4"


def test_the_plot_changes_with_the_result_alone(tmp_path):
    first = (write_results(ALL["EVVE"](), tmp_path / "1") / "plot.png").read_bytes()
    again = (write_results(ALL["EVVE"](), tmp_path / "2") / "plot.png").read_bytes()
    other = (write_results(ALL["VCDB"](), tmp_path / "3") / "plot.png").read_bytes()
    assert first.startswith(b"\x89PNG")
    assert first == again != other
