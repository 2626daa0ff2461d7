"""A timeline as text, JSON and a table."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from videoalignment.align.alignment import Segment
from videoalignment.align.timeline.records import (
    Conflict,
    Group,
    Guess,
    PlacedFile,
    PlacedPair,
    Refuted,
    Timeline,
    Unplaced,
)
from videoalignment.present.timeline_tables import (
    timeline_document,
    timeline_text,
    write_timeline_tables,
)
from videoalignment.time_map import TimeMap

CAMERA = PlacedFile(
    *(Path("camera.mp4"), TimeMap(0.0), 60.0, 0.002, 0.98),
    has_picture=True,
    has_sound=True,
    sound_lag_s=0.043,
    carried_by=(0,),
)
PHONE = PlacedFile(
    *(Path("phone 2.mp4"), TimeMap(12.5, 1.00005), 20.0, 0.002, 0.8),
    has_picture=True,
    has_sound=False,
    residual_s=0.001,
    carried_by=(0,),
    weak=True,
)
PAIR = PlacedPair(1, 0, TimeMap(12.5, 1.00005), "picture", 0.003, 0.97)
WRONG = PlacedPair(0, 1, TimeMap(3.0), "sound", 0.001, 0.99, -9.5)
TIMELINE = Timeline(
    groups=(Group((CAMERA, PHONE), (PAIR,), (Conflict(WRONG, "9.500 s from where it lies"),)),),
    unplaced=(
        Unplaced(Path("broken.mp4"), "cannot be used: is not a video that ffmpeg can read"),
        Unplaced(
            Path("lone.mp4"),
            "shares nothing with another file",
            Guess(Path("camera.mp4"), TimeMap(4.0), 0.21),
        ),
    ),
    refuted=(
        Refuted(Path("lone.mp4"), Path("camera.mp4"), TimeMap(1.0), "sound", 0.9, "too little"),
    ),
)


def test_the_document_places_every_file():
    document = json.loads(json.dumps(timeline_document(TIMELINE)))
    (group,) = document["groups"]
    camera, phone = group["files"]
    assert camera["file"] == "camera.mp4"
    assert (camera["begin_s"], camera["rate"], camera["sound_lag_s"]) == (0, 1, 0.043)
    assert (phone["begin_s"], phone["rate"], phone["sound_lag_s"]) == (12.5, 1.00005, None)
    assert phone["end_s"] == pytest.approx(12.5 + 20 * 1.00005)
    assert (phone["uncertainty_s"], phone["confidence"], phone["weak"]) == (0.002, 0.8, True)
    carrying = group["pairs"][phone["pairs"][0]]
    assert (carrying["a"], carrying["b"], carrying["offset_s"]) == (
        *("phone 2.mp4", "camera.mp4"),
        12.5,
    )
    (conflict,) = group["conflicts"]
    assert conflict["reason"] == "9.500 s from where it lies"
    assert document["unplaced"][0] == {
        "file": "broken.mp4",
        "reason": "cannot be used: is not a video that ffmpeg can read",
        "guess": None,
    }
    assert document["unplaced"][1]["guess"]["beside"] == "camera.mp4"
    assert document["refuted"][0]["reason"] == "too little"


def test_the_files_hold_the_same(tmp_path):
    written = write_timeline_tables(tmp_path / "new", TIMELINE)
    assert [path.name for path in written] == ["timeline.json", "timeline.csv"]
    document = json.loads(written[0].read_text())
    assert document == json.loads(json.dumps(timeline_document(TIMELINE)))
    with written[1].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [
        *("camera.mp4", "phone 2.mp4", "broken.mp4", "lone.mp4")
    ]
    assert [row["group"] for row in rows] == ["1", "1", "", ""]
    assert float(rows[1]["begin_s"]) == 12.5
    assert float(rows[1]["rate"]) == 1.00005
    assert (rows[0]["sound_lag_s"], rows[1]["sound_lag_s"]) == ("0.043000", "")
    assert (rows[1]["weak"], rows[1]["pairs"]) == ("1", "1")
    assert "ffmpeg" in rows[2]["note"]


def test_the_text_says_what_matters():
    text = timeline_text(TIMELINE)
    assert text.startswith("2 of 4 recordings placed on one timeline.\n")
    phone = next(line for line in text.splitlines() if "phone 2.mp4" in line)
    assert "0:12.500" in phone
    assert "+50 ppm" in phone
    assert "one pair that is not sure" in phone
    assert "43 ms late" in next(line for line in text.splitlines() if "camera.mp4" in line)
    assert "camera.mp4 and phone 2.mp4 by sound: 9.500 s from where it lies" in text
    assert "lone.mp4 and camera.mp4 by sound: too little" in text
    assert "broken.mp4: cannot be used" in text
    assert "best guess: begins 0:04.000 after camera.mp4 does, confidence 0.21" in text


def test_what_was_cut_is_told():
    elsewhere = (Segment(TimeMap(-4.0), 8.0, 13.0, 0.9), Segment(TimeMap(-3.0), 28.0, 36.0, 0.9))
    pairs = tuple(replace(PAIR, by=by, elsewhere=elsewhere) for by in ("picture", "sound"))
    timeline = Timeline((Group((CAMERA, PHONE), pairs),), ())
    text = timeline_text(timeline)
    words = "0:08.000 – 0:13.000 is at 0:04.000; 0:28.000 – 0:36.000 is at 0:25.000"
    assert text.count(f"of phone 2.mp4 {words} of camera.mp4") == 1
    told = timeline_document(timeline)["groups"][0]["pairs"][0]["elsewhere"]
    assert told[0] == {"begin_a_s": 8.0, "end_a_s": 13.0, "offset_s": -4.0, "speed": 1.0}
    assert "Cut" not in timeline_text(TIMELINE)


def test_of_many_conflicts_the_first_are_shown():
    conflicts = tuple(Conflict(WRONG, f"reason {k}") for k in range(12))
    text = timeline_text(Timeline((Group((CAMERA, PHONE), (PAIR,), conflicts),), ()))
    assert "reason 9" in text
    assert "reason 10" not in text
    assert "and 2 more, in timeline.json" in text


def test_names_cannot_do_anything_to_a_terminal():
    lone = Unplaced(Path("a\x1b[2J\nb.mp4"), "shares nothing with another file")
    text = timeline_text(Timeline((), (lone,)))
    assert text.startswith("0 of 1 recordings placed.\n")
    assert "\x1b" not in text
    assert text.count("\n") == 4
