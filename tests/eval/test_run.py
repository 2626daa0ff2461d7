"""Whole evaluations: published numbers, nothing written, classes of one's own."""

import sys

import pytest
from made_up import write_aligned, write_evve

from videoalignment.datasets import EVVE, Madonna
from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.eval.options import EvaluationOptions, resolve_options
from videoalignment.eval.run import run_evaluation

OWN = '''
import torch

from videoalignment.datasets import AlignedClips, Clip, EVVE, VideoDataset
from videoalignment.eval import Metric, Protocol, QueryResult, Result
from videoalignment.models import SumAggregation, TMK


class Party(AlignedClips):
    annotation = "gt_madonna.align"

    @staticmethod
    def video_name(path):
        return path.rsplit("/", 1)[-1].removesuffix(".mp4")


class Found(Party):
    @classmethod
    def default_root(cls):
        return ROOT


class Unsaid(VideoDataset):
    """Names no protocol."""
    pairs = ()

    def _read_clips(self):
        return ()


class Misled(Unsaid):
    protocol = "segments"


class Counted(Party):
    protocol = "own:Counting"


class CountResult(Result):
    def lines(self):
        return [f"{self.pairs} clips"]

    def archive(self):
        return {}

    def draw(self, axes):
        axes.plot([0, self.pairs])


class Counting(Protocol):
    name = "counting"
    options = {"times": 1}

    @staticmethod
    def evaluate(dataset, model, run, *, times):
        clips = times * len(dataset.clips)
        return CountResult(metrics=(), queries=(), pairs=clips, longest_frames=0)


class Reversed(TMK):
    """Made to be wrong: time runs backwards."""
    options = {**TMK.options, "backwards": 1}

    def __init__(self, args=None):
        super().__init__(args)
        self.backwards = self.read_options(args)["backwards"]

    def single_fv(self, ts, xs):
        return super().single_fv(ts, -xs if self.backwards else xs)
'''


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with a module of one's own, and made-up data."""
    write_aligned(tmp_path / "data", "Madonna", events=2, clips=3)
    (tmp_path / "work").mkdir()
    root = f"ROOT = __import__('pathlib').Path({str(tmp_path / 'data')!r})\n"
    (tmp_path / "work" / "own.py").write_text(OWN + root)
    monkeypatch.chdir(tmp_path / "work")
    for dataset in (EVVE, Madonna):  # else offsets would go as far as in the published datasets
        monkeypatch.setattr(dataset, "published_longest_frames", 0)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for name in ("MADONNA", "PARTY", "COUNTED"):
        monkeypatch.setenv(f"VIDEOALIGNMENT_{name}", str(tmp_path / "data"))
    yield tmp_path / "work"
    sys.modules.pop("own", None)


def evaluate(dataset="Madonna", model="TMK", **options):
    return run_evaluation(EvaluationOptions(dataset, model, device="cpu", **options))


PUBLISHED = {"<0.1s": 33.91, "<1s": 70.0, "<10s": 76.96}


@pytest.mark.parametrize(
    ("options", "published"),
    [
        ({}, PUBLISHED),
        ({"m": 16, "norm": "feat_freq", "T": (9767, 2731, 1039, 253), "phase": "all"}, PUBLISHED),
        ({"seed": 5, "b_s": 2}, PUBLISHED),  # of the intervals, and of the memory
        ({"model": "TMK_Poullot"}, {"<0.1s": 9.13, "<1s": 36.52, "<10s": 64.78}),
        ({"model": "CTE", "fft_length": 2000}, {}),
        ({"m": 8}, {}),
        ({"phase": "val"}, {}),
        ({"precision": "bfloat16"}, {}),
        ({"allow_missing": True}, {}),
    ],
)
def test_published_numbers_stand_beside_exactly_the_published_options(options, published):
    assert evaluate(**options).published == published


@pytest.mark.parametrize(
    ("options", "published"),
    [({}, 53.43), ({"query_expansion": "aqe"}, 58.36), ({"query_expansion": "don"}, None),
     ({"rule": "official"}, None), ({"query_expansion": "aqe", "m": 8}, None)],
)  # fmt: skip
def test_published_numbers_of_retrieval(tmp_path, monkeypatch, options, published):
    monkeypatch.setenv("VIDEOALIGNMENT_EVVE", str(write_evve(tmp_path / "EVVE")))
    assert evaluate("EVVE", **options).published.get("mAP") == published


def test_nothing_is_written_or_printed(folder, capsys):
    evaluation = evaluate()
    assert evaluation.options.run_name == "TMK_Madonna"
    assert [path.name for path in folder.iterdir()] == ["own.py"]
    assert capsys.readouterr().out == ""


def test_the_record_says_how_it_was_made():
    record = evaluate(seed=3).record
    assert record.device == "cpu"
    assert record.timings_s.keys() == {"features", "descriptors", "matching", "evaluation"}
    assert "torch" in record.versions


def test_another_seed_draws_other_intervals_of_the_same_metrics(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_EVVE", str(write_evve(tmp_path / "EVVE", events=5)))
    one, again, other = (evaluate("EVVE", seed=seed).result.metrics for seed in (1, 1, 2))
    assert one == again != other
    assert [metric.value for metric in one] == [metric.value for metric in other]


# ------------------------------------------------------------------ one's own


def test_a_dataset_of_ones_own_lies_where_its_variable_says():
    evaluation = evaluate("own:Party", "TMK")
    assert evaluation.options.run_name == "TMK_own.Party"
    assert evaluation.about.startswith("Party: 6 clips of 6 videos")
    assert evaluation.result.values["<1s"] > 0.5
    assert evaluation.published == {}


def test_a_dataset_of_ones_own_may_know_where_it_lies():
    assert evaluate("own:Found").result.pairs == 30


def test_a_subclass_of_a_published_dataset_has_no_published_numbers(folder, monkeypatch):
    class_ = "from videoalignment.datasets import Madonna\n\n\nclass Cut(Madonna):\n    pass\n"
    with (folder / "own.py").open("a") as file:
        file.write(class_)
    monkeypatch.setenv("VIDEOALIGNMENT_CUT", str(folder.parent / "data"))
    assert evaluate("own:Cut").published == {}


def test_a_model_of_ones_own_with_its_own_option():
    wrong, right = (evaluate(model="own:Reversed", own={"backwards": n}) for n in (1, 0))
    assert wrong.options.run_name == "own.Reversed_Madonna"
    assert right.options.run_name == "own.Reversed_Madonna_backwards-0"
    assert right.result.metrics == evaluate().result.metrics
    assert wrong.result.values["<0.1s"] < right.result.values["<0.1s"]
    with pytest.raises(OptionError, match="`backwards` does not apply: TMK takes m, T, norm"):
        evaluate(own={"backwards": 1})


def test_a_protocol_of_ones_own():
    evaluation = evaluate("own:Counted", own={"times": 7})
    assert evaluation.result.lines() == ["42 clips"]
    assert evaluation.options.protocol == "counting"
    assert evaluation.options.run_name == "TMK_own.Counted_times-7"


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("own:Unsaid", "`dataset` Unsaid: the class names no `protocol`; there are localisation,"),
        ("own:Misled", "`dataset` Misled: its protocol, segments, reads copies, which Misled does"),
        ("own:Reversed", "dataset 'own:Reversed': expected a subclass of"),
        ("own:Nobody", "dataset 'own:Nobody': own has no Nobody"),
        ("nowhere:Party", "dataset 'nowhere:Party': nowhere cannot be imported"),
    ],
)
def test_what_is_wrong_with_a_class_is_one_line(dataset, message):
    with pytest.raises(OptionError, match=message) as error:
        resolve_options(EvaluationOptions(dataset, "TMK"))
    assert "\n" not in str(error.value)


def test_a_dataset_that_lies_nowhere(monkeypatch):
    monkeypatch.delenv("VIDEOALIGNMENT_PARTY")
    with pytest.raises(VideoAlignmentError, match="Party: no root is known; set VIDEOALIGNMENT_PA"):
        evaluate("own:Party")
