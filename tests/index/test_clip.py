"""Searching for clips that show their source framed."""

import pytest
from ramps import run_ffmpeg
from real_footage import footage

pytest.importorskip("lancedb")

from videoalignment.index.adding import add_files
from videoalignment.index.clip import search_clip
from videoalignment.index.opening import create_index

pytestmark = pytest.mark.usefixtures("own_cache")

INSET = (
    "split[a][b];[a]gblur=sigma=20[c];[b]scale=iw*0.6:-2[d];[c][d]overlay=W*0.3:H*0.25,"
    "scale=trunc(iw/2)*2:trunc(ih/2)*2"
)
CHANGED = {
    "dark": ("-vf", "eq=brightness=-0.18:gamma=0.8"),
    "pale": ("-vf", "eq=contrast=0.4:brightness=0.1"),
    "coarse": ("-vf", "scale=-2:60", "-crf", "40"),
    "cropped": ("-vf", "crop=iw*0.7:ih*0.7:iw*0.2:ih*0.05,scale=-2:120"),
}
FRAMED = {"inset": INSET, "bars": "pad=iw*1.5:ih*1.35:(ow-iw)/2:(oh-ih)/2,scale=-2:180"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips") / "scene.mp4"
    run_ffmpeg("-i", footage("bikes.mp4"), "-vf", "scale=-2:180,fps=12", path)
    return path


@pytest.mark.parametrize("frame", FRAMED)
def test_what_is_framed_is_found_surely(scene, tmp_path, frame):
    clip = tmp_path / f"{frame}.mp4"
    framed = ("-t", "5", "-vf", FRAMED[frame], "-pix_fmt", "yuv420p", clip)
    run_ffmpeg("-ss", "1", "-i", scene, *framed)
    with create_index(tmp_path / "a.index") as index:
        add_files(index, [scene])
        (answer,) = search_clip(index, clip)
        (of_whole,) = index.search(index.features(clip), min_confidence=0, top=1)
        assert answer.confidence > 0.95
        assert answer.confidence > of_whole.confidence
        assert answer.segment.time_map.to_b(2.0) == pytest.approx(3.0, abs=0.1)
        (entry,) = index.videos()
        assert search_clip(index, clip, without=entry) == []


@pytest.mark.parametrize("change", CHANGED)
def test_what_is_hardly_to_be_seen_is_found_among_others(scene, tmp_path, change):
    clip = tmp_path / f"{change}.mp4"
    run_ffmpeg("-ss", "2", "-i", scene, "-t", "6", *CHANGED[change], "-pix_fmt", "yuv420p", clip)
    with create_index(tmp_path / "a.index") as index:
        add_files(index, [scene, footage("bigbuckbunny.mp4"), footage("carphone_pristine.mp4")])
        first, *others = search_clip(index, clip)
        assert first.entry.name == str(scene)
        assert first.segment.time_map.to_b(3.0) == pytest.approx(5.0, abs=0.1)
        assert others == []
