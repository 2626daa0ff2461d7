"""A timeline of many recordings as a Kdenlive project, read by OpenTimelineIO and by MLT."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from edits_read import RATE, check_places, otio, otio_clips
from numbered import numbers_shown, write_numbered
from placed import NASTY, group_of, placed, timeline_of
from ramps import run_ffmpeg

from videoalignment.errors import UnusableFileError
from videoalignment.media.probe import probe_video
from videoalignment.present.editors import write_edl, write_fcpxml, write_kdenlive, write_xmeml


def test_kdenlive_has_every_file_at_its_place(tmp_path, edit_timeline, edit_files, capfd):
    paths = write_kdenlive(tmp_path / "x.kdenlive", edit_timeline)
    assert capfd.readouterr().out == ""
    assert [path.name for path in paths] == ["x.kdenlive", "x-2.kdenlive"]
    read = otio.adapters.read_from_file(str(paths[0]))
    project = ElementTree.parse(paths[0]).getroot()
    speeds = {}
    for producer in project.iterfind("producer"):
        told = {each.get("name"): each.text for each in producer.iterfind("property")}
        if "warp_resource" in told:
            name = Path(told["warp_resource"]).name
            speeds[name] = float(told["warp_speed"])
    # The adapter names no retimed clip: it is the one left.
    clips = otio_clips(read)
    clips = [replace(clip, file=clip.file or "ntsc.mp4") for clip in clips]
    clips = [
        replace(
            clip,
            speed=speeds.get(clip.file, 1.0),
            source_s=clip.source_s * speeds.get(clip.file, 1.0),
        )
        for clip in clips
    ]
    assert speeds == {"ntsc.mp4": pytest.approx(1 / 0.96)}
    check_places(clips, edit_files, RATE)
    guides = [marker.name for marker in read.tracks.markers]
    assert any("not sure" in guide for guide in guides)
    profile = project.find("profile")
    assert (profile.get("width"), profile.get("height")) == ("64", "48")
    assert profile.get("frame_rate_num") == "30000"


def test_a_name_that_xml_lacks_is_refused(tmp_path, edit_files):
    odd = tmp_path / "bell\x07.mov"
    os.link(edit_files[2].file, odd)
    timeline = timeline_of(group_of(edit_files[1], replace(edit_files[2], file=odd)))
    with pytest.raises(UnusableFileError, match="cannot stand in a Kdenlive project; rename it"):
        write_kdenlive(tmp_path / "x.kdenlive", timeline)
    for write, name in ((write_fcpxml, "x.fcpxml"), (write_xmeml, "x.xml"), (write_edl, "x.edl")):
        write(tmp_path / name, timeline)  # its URL can
        assert "\x07" not in (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("melt"), reason="melt, Kdenlive's engine, is not installed")
def test_the_engine_shows_each_file_at_its_place(tmp_path):
    """Of mixed rates, with a drifting clock and a name that URLs must escape."""
    files = (
        placed(write_numbered(tmp_path / "pal.mp4", 150, "25", key_every=12), 0.0, 6.0),
        placed(write_numbered(tmp_path / NASTY, 100, "24000/1001"), 1.2345, 100 * 1001 / 24000),
        placed(write_numbered(tmp_path / "fast.mp4", 180, "60000/1001"), 2.371, 180 * 1001 / 60000),
        placed(write_numbered(tmp_path / "drift.mp4", 150, "25"), 0.818, 6.0, rate=1.02),
        placed(_write_late_picture(tmp_path / "late.mp4", 0.5), 0.402, 6.0),
    )
    files = tuple(replace(file, has_sound=False) for file in files)
    (path,) = write_kdenlive(tmp_path / "x.kdenlive", timeline_of(group_of(*files)))
    for file, source_fps, track in zip(
        files, (25, 24 / 1.001, 60 / 1.001, 25, 25), range(5), strict=True
    ):
        shown = _played(path, track)
        times_s = np.arange(len(shown)) / 25
        wanted = (times_s - file.begin_s) / file.rate * source_fps
        inside = (wanted > 1) & (wanted < file.duration_s * source_fps - 2)
        late = wanted[inside] - shown[inside]
        assert inside.sum() > 60
        # It lies within half a frame of the project; of the file, MLT shows the frame that is there
        # (0 to 1), or, where rates differ, the nearest (-0.5 to 0.5).
        grid = 0.5 * source_fps / 25 + 0.05
        assert -0.5 - grid <= late.min() and late.max() <= 1 + grid, file.file.name


def _write_late_picture(path: Path, late_s: float) -> Path:
    """150 numbered frames that begin after the sound does."""
    picture = write_numbered(path.with_name("picture.mp4"), 150, "25")
    sound = ("-f", "lavfi", "-i", f"sine=d={6 + late_s}")
    run_ffmpeg("-itsoffset", f"{late_s}", "-i", picture, *sound, "-c:v", "copy", path)
    assert probe_video(path).first_frame_s == late_s
    return path


def test_kdenlive_counts_from_the_first_picture(tmp_path, edit_files):
    """As its engine does, even where sound comes before it."""
    late = placed(_write_late_picture(tmp_path / "late.mp4", 0.5), 1.0, 6.0)
    (path,) = write_kdenlive(tmp_path / "x.kdenlive", timeline_of(group_of(edit_files[2], late)))
    clips = otio_clips(otio.adapters.read_from_file(str(path)))
    clips = [clip for clip in clips if clip.file == late.file.name]
    played = {(clip.kind, clip.begin_s, clip.source_s) for clip in clips}
    assert played == {("V", 1.0, 0.0), ("A", 1.0, 0.0)}


def _played(path: Path, track: int) -> np.ndarray:
    """The numbers that MLT shows on one track of a project."""
    project = ElementTree.parse(path).getroot()
    project.remove(project.findall("tractor")[-1])  # the one that lays all over each other
    project.attrib.pop("producer", None)
    shown = project.findall("tractor")[track].find("track").get("producer")
    ElementTree.SubElement(ElementTree.SubElement(project, "tractor"), "track", producer=shown)
    alone, out = path.with_suffix(".mlt"), path.with_suffix(".mkv")
    ElementTree.ElementTree(project).write(alone, encoding="utf-8", xml_declaration=True)
    options = ("an=1", "vcodec=libx264", "preset=ultrafast", "crf=12")
    command = ["melt", f"xml:{alone}", "-consumer", f"avformat:{out}", *options]
    quiet = {"SDL_AUDIODRIVER": "dummy", "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run(command, check=True, capture_output=True, env=os.environ | quiet, timeout=120)
    return numbers_shown(out)
