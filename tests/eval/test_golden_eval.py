"""The evaluators against stored outputs of an independent implementation."""

import json

import numpy as np
import pytest
import torch

from videoalignment.datasets import DATASETS
from videoalignment.eval import evaluate_localisation, evaluate_retrieval, evaluate_segments
from videoalignment.eval.steps import Run
from videoalignment.models import MODELS

NOISE = {11: 1.6, 12: 3.0}
RUN = {"device": torch.device("cpu")}


@pytest.fixture(params=NOISE)
def seed(request) -> int:
    return request.param


@pytest.fixture
def expected(golden, seed) -> dict[str, dict]:
    return json.loads((golden / "eval" / f"seed{seed}.json").read_text())["results"]


@pytest.fixture
def tree(replica, seed):
    return replica(seed, NOISE[seed])


def metric(result, name: str) -> float:
    return next(metric.value for metric in result.metrics if metric.name == name)


@pytest.mark.parametrize("model", ["TMK", "TMK_Poullot"])
@pytest.mark.parametrize("dataset", ["Climbing", "Madonna"])
def test_localisation(tree, expected, dataset, model):
    wanted = expected[f"{dataset}_{model}"]
    result = evaluate_localisation(DATASETS[dataset](tree / dataset), MODELS[model](), Run(**RUN))
    errors_s = np.array([np.inf if e is None else e for e in wanted["errors_s"]])
    np.testing.assert_allclose(result.errors_s, errors_s, rtol=0, atol=1e-6)
    for threshold in (0.1, 1, 10):
        assert metric(result, f"<{threshold:g}s") == np.mean(errors_s < threshold)
    if "mean_average_precision" in wanted:
        assert metric(result, "mAP") == pytest.approx(wanted["mean_average_precision"], rel=1e-6)


@pytest.mark.parametrize("model", ["TMK", "TMK_Poullot"])
def test_segments(tree, expected, model):
    wanted = expected[f"VCDB_{model}"]
    result = evaluate_segments(DATASETS["VCDB"](tree / "VCDB"), MODELS[model](), Run(**RUN))
    _, labels = result.detections
    assert (len(labels), labels.sum()) == (wanted["n_labels"], wanted["n_positive"])
    assert metric(result, "AUC") == pytest.approx(wanted["auc"], rel=1e-6)
    assert metric(result, "MaxF1") == pytest.approx(wanted["max_f1"], rel=1e-6)


@pytest.mark.parametrize(
    ("model", "expansion"),
    [("TMK", None), ("TMK_Poullot", None), ("TMK", "aqe"), ("TMK", "don")],
)
def test_retrieval(tree, expected, model, expansion):
    wanted = expected[f"EVVE_{model}" + (f"_{expansion}" if expansion else "")]
    result = evaluate_retrieval(
        DATASETS["EVVE"](tree / "EVVE"), MODELS[model](), Run(**RUN), query_expansion=expansion
    )
    assert metric(result, "mAP") == pytest.approx(wanted["mean_average_precision"], rel=1e-6)
