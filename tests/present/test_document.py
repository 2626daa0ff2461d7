"""The answer as JSON, key by key."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from ramps import line_alignment, pair_of, segment

from videoalignment.align import AlignOptions, Uncertainty
from videoalignment.present.document import alignment_document, as_json


def read_back(pair) -> dict:
    def refuse(name: str):
        pytest.fail(f"{name} is no JSON")

    return json.loads(as_json(alignment_document(pair)), parse_constant=refuse)


def test_every_number_stands_under_its_key():
    segments = (segment(0.0, 4.0, 10.0, 0.5), segment(5.0, 9.0, 1.0, 0.5))
    alignment = line_alignment(10.0, 0.5, 9.0, 20.0, segments=segments)
    pair = replace(
        pair_of(alignment, Path("a b.mp4"), Path("ü.mp4")),
        options=AlignOptions(min_overlap_s=2, device="cpu"),
    )
    document = read_back(pair)
    versions = document.pop("versions")
    assert set(versions) == {"videoalignment", "torch", "numpy", "imageio-ffmpeg"}
    stretch = {"speed": 0.5, "score": 0.9}
    assert document == {
        "a": "a b.mp4",
        "b": "ü.mp4",
        "matched": True,
        "offset_s": 10.0,
        "speed": 0.5,
        "score": 0.9,
        "confidence": 0.99,
        "overlap": {
            "begin_a_s": 0.0,
            "end_a_s": 9.0,
            "begin_b_s": 10.0,
            "end_b_s": 14.5,
            **stretch,
        },
        "segments": [
            {
                "begin_a_s": 0.0,
                "end_a_s": 4.0,
                "begin_b_s": 10.0,
                "end_b_s": 12.0,
                **stretch,
            },
            {"begin_a_s": 5.0, "end_a_s": 9.0, "begin_b_s": 1.0, "end_b_s": 3.0, **stretch},
        ],
        "uncertainty_s": 0.002,
        "best_known": {"time_a_s": 0.0, "time_b_s": 10.0, "uncertainty_s": 0.002},
        "speed_uncertainty": 0.0,
        "speed_told": True,
        "by": "picture",
        "sound_lag_s": None,
        "rival_offsets_s": [],
        "duration_a_s": 9.0,
        "duration_b_s": 20.0,
        "options": {
            "backbone": "efficientnet_lite0",
            "features": None,
            "min_overlap_s": 2.0,
            "by": "auto",
            "device": "cpu",
        },
    }


def test_features_out_of_files_have_no_backbone():
    pair = pair_of(line_alignment(1.0, 1.0, 5.0, 9.0), "a.mp4", "b.mp4")
    files = Path("x") / "a.npz", Path("b.pkl")
    pair = replace(
        pair, a=replace(pair.a, features_file=files[0]), b=replace(pair.b, features_file=files[1])
    )
    options = read_back(pair)["options"]
    assert options["backbone"] is None
    assert options["features"] == [str(file) for file in files]
    assert options["min_overlap_s"] == 3.0


def test_a_number_that_does_not_exist_is_null():
    alignment = line_alignment(1.0, 1.0, 5.0, 9.0, uncertainty=Uncertainty(0.0, math.inf))
    assert read_back(pair_of(alignment, "a.mp4", "b.mp4"))["uncertainty_s"] is None


def test_no_match_has_no_segments():
    document = read_back(pair_of(line_alignment(1.0, 1.0, 5.0, 9.0, matched=False), "a", "b"))
    assert (document["matched"], document["segments"]) == (False, [])
    assert document["overlap"]["end_a_s"] == 5.0
