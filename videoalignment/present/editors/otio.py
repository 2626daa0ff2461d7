"""OpenTimelineIO timelines, and the objects that its adapters make other formats of."""

import importlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

from videoalignment.errors import MissingExtraError
from videoalignment.files import whole_path
from videoalignment.present.sequences import Cut, Placed, Sequence, Track, paths_of, sequences_of
from videoalignment.present.timecode import one_hour
from videoalignment.text import printable

METADATA_KEY = "videoalignment"
"""Where a clip's metadata hold what is known of its place."""


def write_otio(path: str | os.PathLike[str], placed: Placed) -> list[Path]:
    """Write an OpenTimelineIO timeline: pictures on V1, V2, ..., sounds on A1, A2, ...

    Clips refer to the files by absolute `file:` URL and keep the whole file available, so that
    an editor can slip and trim them. A retimed clip carries a `LinearTimeWarp`; what an editor
    should look at stands in a marker, and what is known of a place in the clip's metadata.

    Args:
        path: the file to write, ending in `.otio`.
        placed: two videos that match, or a timeline.

    Returns:
        The files: `path`, and for the second group on, path-2, path-3, ...

    Raises:
        MissingExtraError: the `opentimelineio` package is not installed.
        VideoAlignmentError: the pair does not match, of one only the features are at hand, or the
            timeline has no group; or a file cannot be written.
    """
    sequences = sequences_of(path, placed)
    builder = TimelineBuilder(opentimelineio())
    paths = paths_of(path, len(sequences))
    for each, sequence in zip(paths, sequences, strict=True):
        with whole_path(each) as temporary:
            builder.otio.adapters.write_to_file(
                builder.timeline(sequence), os.fspath(temporary), adapter_name="otio_json"
            )
    return paths


def opentimelineio() -> ModuleType:
    """Import the optional package, or say how to install it.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import opentimelineio
    except ImportError as error:
        raise MissingExtraError("OpenTimelineIO", "otio") from error
    return opentimelineio


def adapter(package: str, writes: str) -> ModuleType:
    """Import OpenTimelineIO once one of its adapters is known to be installed beside it.

    Args:
        package: the adapter's module, e.g. "otio_fcp_adapter".
        writes: what it writes, for the message.

    Raises:
        MissingExtraError: one of the two is not installed.
    """
    try:
        importlib.import_module(package)
        return opentimelineio()
    except ImportError as error:
        raise MissingExtraError(f"OpenTimelineIO's adapter for {writes}", "editors") from error


@dataclass(frozen=True)
class TimelineBuilder:
    """Makes OpenTimelineIO's objects of sequences.

    Args:
        otio: the package.
        as_mlt: whether a clip's times count as Kdenlive's engine does, in frames of the sequence
            from the first picture on; else in the file's own, from its timecode and its begin.
    """

    otio: ModuleType
    as_mlt: bool = False

    def timeline(self, sequence: Sequence) -> Any:
        """A whole timeline; it begins at 01:00:00:00, by custom."""
        otio = self.otio
        timeline = otio.schema.Timeline(
            name=sequence.name,
            global_start_time=self._time(one_hour(sequence.rate), sequence.rate),
        )
        kinds = {"V": otio.schema.TrackKind.Video, "A": otio.schema.TrackKind.Audio}
        for track in sequence.tracks:
            children = list(self._children(track, sequence.rate))
            timeline.tracks.append(otio.schema.Track(track.name, children, kind=kinds[track.kind]))
        return timeline

    def _time(self, frames: float, rate: Fraction) -> Any:
        return self.otio.opentime.RationalTime(frames, float(rate))

    def _children(self, track: Track, rate: Fraction) -> Iterator[Any]:
        """Yield a track's clips, with gaps where it is empty."""
        filled_to = 0
        for cut in track.cuts:
            if cut.begin > filled_to:
                yield self.otio.schema.Gap(duration=self._time(cut.begin - filled_to, rate))
            filled_to = cut.begin + cut.frames
            yield self._clip(track, cut, rate)

    def _clip(self, track: Track, cut: Cut, rate: Fraction) -> Any:
        otio, footage = self.otio, track.footage
        own_rate = rate if self.as_mlt else footage.rate or rate
        first_timecode = 0 if self.as_mlt else footage.first_timecode
        unseen_s = Fraction(footage.first_frame_s if self.as_mlt else 0)
        file_begin = self._time(first_timecode, own_rate)
        length_s = Fraction(footage.duration_s) - unseen_s
        length = self._time(max(1, round(length_s * own_rate)), own_rate)
        source_begin = cut.source_begin(own_rate, -unseen_s)
        begin = file_begin + self._time(source_begin, own_rate)
        frames = self._time(cut.frames, rate).rescaled_to(float(own_rate))
        clip = otio.schema.Clip(
            name=printable(footage.path.name),
            media_reference=otio.schema.ExternalReference(
                target_url=footage.path.resolve().as_uri(),
                available_range=otio.opentime.TimeRange(file_begin, length),
            ),
            source_range=otio.opentime.TimeRange(begin, frames),
        )
        if cut.speed != 1:
            clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=cut.speed))
        if note := track.note_on(cut, source_begin / own_rate + unseen_s):
            clip.metadata[METADATA_KEY] = {"note": note}
        if track.warning:
            frame = otio.opentime.TimeRange(begin, self._time(1, own_rate))
            clip.markers.append(otio.schema.Marker(name=track.warning, marked_range=frame))
        return clip
