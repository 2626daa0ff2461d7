"""Kdenlive projects, by way of OpenTimelineIO's adapter."""

import contextlib
import io
import os
import re
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

from videoalignment.errors import UnusableFileError
from videoalignment.files import whole_file
from videoalignment.present.editors.otio import TimelineBuilder, adapter
from videoalignment.present.sequences import Placed, Sequence, paths_of, sequences_of

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_kdenlive(path: str | os.PathLike[str], placed: Placed) -> list[Path]:
    """Write a Kdenlive project, which is MLT XML: pictures on V1, V2, ..., sounds on A1, A2, ...

    A retimed clip plays at its speed to the last digit; what an editor should look at stands in
    guides. From 25.04 on, Kdenlive opens `write_otio`'s files, too.

    Args:
        path: the file to write, ending in `.kdenlive`.
        placed: two videos that match, or a timeline.

    Returns:
        The files: `path`, and for the second group on, path-2, path-3, ...

    Raises:
        MissingExtraError: OpenTimelineIO or its adapter is not installed.
        UnusableFileError: a file's name cannot stand in XML.
        VideoAlignmentError: the pair does not match, of one only the features are at hand, or the
            timeline has no group; or a file cannot be written.
    """
    sequences = sequences_of(path, placed)
    builder = TimelineBuilder(kdenlive_adapter(), as_mlt=True)
    for sequence in sequences:
        for track in sequence.tracks:
            if _NOT_IN_XML.search(os.fspath(track.footage.path.resolve())):
                raise UnusableFileError(
                    f"{track.footage.path}: its name cannot stand in a Kdenlive project; rename it"
                )
    paths = paths_of(path, len(sequences))
    for each, sequence in zip(paths, sequences, strict=True):
        text = _text(builder, sequence)
        with whole_file(each, "w", encoding="utf-8") as file:
            file.write(text)
    return paths


def kdenlive_adapter() -> ModuleType:
    """OpenTimelineIO, once its adapter for Kdenlive is known to be there.

    Raises:
        MissingExtraError: one of the two is not installed.
    """
    return adapter("otio_kdenlive_adapter", "Kdenlive")


def _text(builder: TimelineBuilder, sequence: Sequence) -> str:
    otio = builder.otio
    timeline = builder.timeline(sequence)
    timeline.tracks.markers.extend(
        otio.schema.Marker(
            name=track.warning,
            marked_range=otio.opentime.TimeRange(
                otio.opentime.RationalTime(track.cuts[0].begin, float(sequence.rate)),
                otio.opentime.RationalTime(1, float(sequence.rate)),
            ),
            color=otio.schema.MarkerColor.ORANGE,
        )
        for track in sequence.tracks
        if track.warning
    )
    with contextlib.redirect_stdout(io.StringIO()):  # it prints that Kdenlive itself reads OTIO
        text = otio.adapters.write_to_string(timeline, adapter_name="kdenlive")
    return _with_its_size(text, sequence)


def _with_its_size(text: str, sequence: Sequence) -> str:
    """The project with the pictures' size; the adapter makes every one full HD."""
    project = ElementTree.fromstring(text)
    profile = next(project.iter("profile"))
    width, height = sequence.size
    profile.set("width", str(width))
    profile.set("height", str(height))
    profile.set("display_aspect_num", str(width))
    profile.set("display_aspect_den", str(height))
    profile.set("description", f"{width}x{height} {float(sequence.rate):.5g} fps")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(project, "unicode")
