"""A second look, at the pictures of real clips that descriptors alone do not tell."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from ramps import run_ffmpeg
from real_footage import footage

from videoalignment.align import Recording, align_features, align_pair

pytestmark = pytest.mark.usefixtures("own_cache")

EDITS = {
    # of a video: what is cut out (seconds), and what is done to the picture
    "a picture in a picture": (
        "bigbuckbunny.mp4",
        (1.2, 3.4),
        "split[a][b];[a]gblur=sigma=20[c];[b]scale=iw*0.6:-2[d];[c][d]overlay=W*0.3:H*0.25",
    ),
    "a crop": ("carphone_pristine.mp4", (2.0, 2.5), "crop=iw*0.8:ih*0.8:iw*0.15:ih*0.05"),
    "a mirrored, shrunk crop": (
        "bikes.mp4",
        (4.0, 3.0),
        "hflip,crop=iw*0.7:ih*0.7,scale=-2:180",
    ),
}


def cut(source: Path, clip: Path, begin_s: float, length_s: float, filters: str) -> Path:
    chain = f"[0:v]trim={begin_s - 1e-3}:{begin_s + length_s},setpts=PTS-STARTPTS,{filters},"
    chain += "scale=trunc(iw/2)*2:trunc(ih/2)*2,setsar=1"
    run_ffmpeg("-i", source, "-filter_complex", chain, "-an", "-crf", "28", clip)
    return clip


@pytest.mark.parametrize("edit", EDITS)
def test_what_was_done_to_the_picture_does_not_hide_it(edit, tmp_path):
    name, (begin_s, length_s), filters = EDITS[edit]
    source = footage(name)
    clip = cut(source, tmp_path / "clip.mp4", begin_s, length_s, filters)
    pair = align_pair(clip, source)
    found = pair.alignment
    assert found.confidence > 0.9
    assert found.confidence > align_features(pair.a.features, pair.b.features).confidence
    assert found.offset_s == pytest.approx(begin_s, abs=0.02)
    assert abs(found.offset_s - begin_s) < found.uncertainty_s + 0.001
    assert found.segments[0].end_a_s - found.segments[0].begin_a_s > 0.8 * length_s
    turned = align_pair(source, clip).alignment
    assert turned.inverse().offset_s == pytest.approx(found.offset_s, abs=1e-9)


@pytest.mark.parametrize("name", ["carphone_pristine.mp4", "bikes.mp4"])
def test_another_moment_of_the_same_place_is_none(name, tmp_path):
    source = footage(name)
    early = cut(source, tmp_path / "early.mp4", 0.1, 3.4, "null")
    late = cut(source, tmp_path / "late.mp4", 3.8, 6.0, "crop=iw*0.8:ih*0.8")
    assert not align_pair(early, late).alignment.matched


def test_without_the_files_descriptors_decide_alone(tmp_path, caplog):
    name, (begin_s, length_s), filters = EDITS["a crop"]
    clip = cut(footage(name), tmp_path / "clip.mp4", begin_s, length_s, filters)
    pair = align_pair(clip, footage(name))
    gone = replace(pair.a, video=replace(pair.a.video, path=tmp_path / "gone.mp4"))
    descriptors = align_features(pair.a.features, pair.b.features)
    with caplog.at_level(logging.WARNING):
        assert align_pair(gone, pair.b).alignment == descriptors
    assert "gone.mp4" in caplog.text
    alone = Recording(pair.a.path, pair.a.features)
    assert align_pair(alone, pair.b).alignment == descriptors
