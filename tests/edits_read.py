"""Editors' files as other programs read them, and what must be true of their clips."""

from dataclasses import dataclass
from fractions import Fraction

import pytest

from videoalignment.align.timeline.records import PlacedFile
from videoalignment.time_map import TimeMap

otio = pytest.importorskip("opentimelineio", reason="the editors extra is not installed")
for adapter in ("otio_fcp_adapter", "otio_fcpx_xml_adapter", "otio_kdenlive_adapter"):
    pytest.importorskip(adapter, reason="the editors extra is not installed")

RATE = Fraction(30000, 1001)
"""Of the sequence of `edit_files`: two of them have it, and one is near it."""


@dataclass(frozen=True)
class Clip:
    """A clip as another program reads it. Times in seconds."""

    kind: str
    file: str
    begin_s: float
    duration_s: float
    source_s: float
    """From the beginning of the file."""
    speed: float = 1.0

    def moment_s(self, time_s: float) -> float:
        """The moment of the file that it plays at a moment of the timeline."""
        return self.source_s + (time_s - self.begin_s) * self.speed


def _in_truth(clip: Clip, files: tuple[PlacedFile, ...]) -> tuple[PlacedFile, TimeMap]:
    file = next(file for file in files if file.file.name == clip.file)
    lag_s = file.sound_lag_s or 0.0 if clip.kind == "A" else 0.0
    return file, TimeMap(file.begin_s - lag_s * file.rate, file.rate)


def check_places(clips: list[Clip], files: tuple[PlacedFile, ...], rate: Fraction) -> None:
    """Compare what is played all along each clip with the truth.

    Clips lie on frames of the sequence, and play their files from the nearest frame on: of the
    file's own, or of the sequence's, as the format counts.
    """
    wanted = [("V", file.file.name) for file in files if file.has_picture]
    wanted += [("A", file.file.name) for file in files if file.has_sound]
    assert sorted((clip.kind, clip.file) for clip in clips) == sorted(wanted)
    for clip in clips:
        file, truth = _in_truth(clip, files)
        half_s = 0.5 / min(rate, 23.9 if file.has_picture else rate)
        for part in (0.0, 0.3, 0.999):
            time_s = clip.begin_s + part * clip.duration_s
            error_s = abs(clip.moment_s(time_s) - truth.to_a(time_s))
            assert error_s <= half_s + 1e-3, clip
        end_s = truth.to_b(file.duration_s)
        assert clip.begin_s + clip.duration_s == pytest.approx(end_s, abs=float(1 / rate))
        assert clip.begin_s == pytest.approx(max(0.0, truth.to_b(0.0)), abs=float(0.51 / rate))


def otio_clips(timeline, *, start_known: bool = True) -> list[Clip]:
    """The clips of OpenTimelineIO's timeline."""
    clips = []
    for track in timeline.tracks:
        for child in track.find_clips():
            if child.name.isdigit():  # an edit list's black has no name
                continue
            warps = [e for e in child.effects if isinstance(e, otio.schema.LinearTimeWarp)]
            place = child.range_in_parent()
            media = child.media_reference
            media_s = 0.0
            if start_known and media.available_range:
                media_s = media.available_range.start_time.to_seconds()
            clips.append(
                Clip(
                    kind=track.kind[0],
                    file=child.name,
                    begin_s=place.start_time.to_seconds(),
                    duration_s=place.duration.to_seconds(),
                    source_s=child.source_range.start_time.to_seconds() - media_s,
                    speed=next((warp.time_scalar for warp in warps), 1.0),
                )
            )
    return clips


def files_of(timeline) -> set[str]:
    return {
        otio.url_utils.filepath_from_url(clip.media_reference.target_url)
        for clip in timeline.find_clips()
    }


def seconds(text: str) -> Fraction:
    return Fraction(text.removesuffix("s"))


def fcpxml_clips(root, parent) -> list[Clip]:
    """The pictures and sounds of the asset-clips in a gap or an angle."""
    start = seconds(parent.get("start", "0s"))
    clips = [_asset_clips(root, element, start) for element in parent.iterfind("asset-clip")]
    return [clip for both in clips for clip in both]


def _asset_clips(root, element, parent_start: Fraction) -> list[Clip]:
    """The picture and the sound of an asset-clip; its offset counts as its parent's start does."""
    asset = root.find(f"resources/asset[@id='{element.get('ref')}']")
    kinds = {"video": "V", "audio": "A"}.get(element.get("srcEnable"), "")
    kinds = kinds or ("V" * bool(asset.get("hasVideo")) + "A" * bool(asset.get("hasAudio")))
    start, speed = seconds(element.get("start")), 1.0
    points = [
        (seconds(point.get("time")), seconds(point.get("value")))
        for point in element.iterfind("timeMap/timept")
    ]
    if points:
        (t0, v0), (t1, v1) = points
        speed = float((v1 - v0) / (t1 - t0))
        start = v0 + (start - t0) * (v1 - v0) / (t1 - t0)
    source_s = start - seconds(asset.get("start"))
    begin_s = float(seconds(element.get("offset")) - parent_start)
    duration_s = float(seconds(element.get("duration")))
    name = element.get("name")
    return [Clip(kind, name, begin_s, duration_s, float(source_s), speed) for kind in kinds]
