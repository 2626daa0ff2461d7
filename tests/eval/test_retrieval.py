"""Retrieval against loops over queries and videos, straight from the protocol."""

import numpy as np
import pytest
import torch
from made_up import own_times, write_evve

from videoalignment.datasets import EVVE
from videoalignment.errors import VideoAlignmentError
from videoalignment.eval import evaluate_retrieval


@pytest.fixture
def dataset(tmp_path, monkeypatch) -> EVVE:
    # else offsets would go as far as in the published dataset
    monkeypatch.setattr(EVVE, "published_longest_frames", 0)
    return EVVE(write_evve(tmp_path, seed=5))


def obvious_ranking(dataset, both, expansion: str | None) -> tuple[np.ndarray, np.ndarray]:
    """The best score, and its offset in frames, of every query with every database video."""
    sides = {"query": [], "database": []}
    for label in dataset.labels:
        frames = torch.from_numpy(next(dataset.read_descriptors([label.video])))
        sides[label.split].append((frames, own_times(len(frames))))
    longest = max(len(frames) for videos in sides.values() for frames, _ in videos)
    offsets = torch.arange(-longest, longest)
    database = [both.describe(*video) for video in sides["database"]]

    def rank(query: torch.Tensor) -> list[tuple[float, int]]:
        best = [both.score(query, fv, offsets).max(0) for fv in database]
        return [(float(score), int(offsets[at])) for score, at in best]

    rows = []
    for video in sides["query"]:
        query = both.describe(*video)
        row = rank(query)
        if expansion:
            order = sorted(range(len(row)), key=lambda j: -row[j][0])
            for j in order[:10]:  # described again, as if recorded on the query's clock
                frames, times = sides["database"][j]
                query = query + both.describe(frames, times + row[j][1])
            query = query / 11
            if expansion == "don":
                query = query - sum(database[j] for j in order[:2000]) / 2000
            row = rank(query)
        rows.append(row)
    return np.array(rows)[:, :, 0], np.array(rows)[:, :, 1]


def obvious_precision(query, database, scores: np.ndarray, left_out: int) -> float:
    """Down the ranking, leaving out the event's videos of one label."""
    rank = positives = 0
    area = 0.0
    for j in np.argsort(-scores, kind="stable"):
        same_event = database[j].event == query.event
        if same_event and database[j].label == left_out:
            continue
        if same_event and database[j].label == 1:
            before = positives / rank if rank else 1.0
            positives += 1
            area += (before + positives / (rank + 1)) / 2
        rank += 1
    return area / positives


@pytest.mark.parametrize("expansion", [None, "aqe", "don"])
def test_equals_loops_over_queries(dataset, both, run, expansion):
    scores, offsets = obvious_ranking(dataset, both, expansion)
    best = scores.argmax(1)
    queries = [label for label in dataset.labels if label.split == "query"]
    database = [label for label in dataset.labels if label.split == "database"]
    events = sorted({query.event for query in queries})
    for rule, left_out in (("reference", -1), ("official", 0)):
        result = evaluate_retrieval(dataset, both.model, run, rule=rule, query_expansion=expansion)
        precisions = [
            obvious_precision(query, database, row, left_out)
            for query, row in zip(queries, scores, strict=True)
        ]
        assert [row.average_precision for row in result.queries] == pytest.approx(precisions)
        for i, row in enumerate(result.queries):
            assert (row.query, row.match) == (queries[i].video, database[best[i]].video)
            assert row.found_offset_s == pytest.approx(offsets[i, best[i]] / 15)
        of_event = {event: [] for event in events}
        for query, precision in zip(queries, precisions, strict=True):
            of_event[query.event].append(precision)
        means = {event: np.mean(found) for event, found in of_event.items()}
        assert result.event_means == pytest.approx(means)
        metrics = {metric.name: metric for metric in result.metrics}
        assert metrics["mAP"].value == pytest.approx(np.mean(precisions))
        assert metrics["mAP over events"].value == pytest.approx(np.mean([*means.values()]))
        assert all(m.low <= m.value <= m.high for m in metrics.values())


def test_the_two_rules_differ(dataset, both, run):
    results = [
        evaluate_retrieval(dataset, both.model, run, rule=rule).metrics[0].value
        for rule in ("reference", "official")
    ]
    assert results[0] != results[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rule": "strict"}, "'strict': expected one of reference, official"),
        ({"query_expansion": "all"}, "'all': expected one of aqe, don"),
    ],
)
def test_unknown_options(dataset, both, run, options, message):
    with pytest.raises(VideoAlignmentError, match=message):
        evaluate_retrieval(dataset, both.model, run, **options)
