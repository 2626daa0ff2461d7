"""What was placed as whole frames on an editor's tracks: a pair of videos, or a timeline of many.

Each group of files that share moments becomes a sequence, each file's picture and sound a track of
their own. Editors count in frames, so that a file lies up to half a frame from its exact place; a
track says how far.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from videoalignment.align.pair import AlignedPair, Recording
from videoalignment.align.pieces import Piece, pieces_of_b
from videoalignment.align.timeline.records import Group, PlacedFile, Timeline
from videoalignment.errors import VideoAlignmentError
from videoalignment.media.probe import SoundStream, VideoInfo, probe_media, probe_video
from videoalignment.present.timecode import frame_of, standard_rate
from videoalignment.present.wording import (
    clock,
    confidence_words,
    names_of,
    rate_words,
    uncertainty_words,
)
from videoalignment.text import printable
from videoalignment.time_map import TimeMap

Placed = AlignedPair | Timeline
"""What every writer of editors' files takes."""

Kind = Literal["V", "A"]
"""Picture or sound, as editors name their tracks."""

SOUND_ONLY_RATE = Fraction(60)
"""Frames a second of a sequence without pictures: the finest that every editor has."""


@dataclass(frozen=True)
class Footage:
    """A file as an editor sees it."""

    path: Path
    duration_s: float
    """Length of the file from its beginning, seconds, by its own clock."""
    video: VideoInfo | None
    """What it says about its picture; None where it has sound only."""
    has_sound: bool
    sounds: tuple[SoundStream, ...] = ()
    """Its sound streams."""
    sound_track: int = 0
    """Which of them was compared."""

    @property
    def sound(self) -> SoundStream | None:
        """The stream that was compared."""
        return self.sounds[self.sound_track] if self.sound_track < len(self.sounds) else None

    @property
    def rate(self) -> Fraction | None:
        """The editing rate of its picture; None where it has none."""
        return None if self.video is None else standard_rate(self.video.fps)

    @property
    def first_frame_s(self) -> float:
        """When its first frame is shown, seconds after the file begins."""
        return 0.0 if self.video is None else self.video.first_frame_s

    @property
    def first_timecode(self) -> int:
        """The timecode that the camera gave the first frame, counted in the file's own frames."""
        if self.video is None or self.video.timecode is None:
            return 0
        return frame_of(self.video.timecode, standard_rate(self.video.fps))


@dataclass(frozen=True)
class Cut:
    """A stretch of one file at its place on a track. All counts are frames of the sequence."""

    rate: Fraction
    """Frames a second of the sequence."""
    begin: int
    """First frame on the track, counted from the beginning of the sequence."""
    frames: int
    """Length on the track."""
    time_map: TimeMap
    """Which moment of the file, from its beginning, each moment of the sequence should show."""

    @property
    def speed(self) -> float:
        """Seconds of the file that play in one second of the sequence."""
        return self.time_map.speed

    @property
    def source_s(self) -> float:
        """The moment of the file, from its beginning, that its first frame should show."""
        return max(0.0, self.time_map.to_b(float(self.begin / self.rate)))

    def source_begin(self, rate: Fraction, after_s: Fraction = Fraction(0)) -> int:
        """First frame of the file, in frames of `rate`: rounded once.

        Args:
            rate: that a format counts a file's frames in.
            after_s: the moment that it gives the file's beginning, such as a timecode.
        """
        return max(0, round((after_s + Fraction(self.source_s)) * rate))

    def late_s(self, shown_s: Fraction) -> float:
        """How much later than in truth it begins, if with this moment of the file."""
        return self.time_map.to_b(float(self.begin / self.rate)) - float(shown_s)

    @property
    def source_frames(self) -> int:
        """Length of what is taken from the file."""
        return max(1, round(self.frames * self.speed))


@dataclass(frozen=True)
class Track:
    """The picture or the sound of one file."""

    kind: Kind
    number: int
    """From 1, among the tracks of its kind."""
    footage: Footage
    cuts: tuple[Cut, ...]
    note: str = ""
    """What is known of its place, in one line; empty for a pair."""
    warning: str = ""
    """What an editor should look at, in one line; empty where nothing."""

    @property
    def name(self) -> str:
        return f"{self.kind}{self.number}"

    def note_on(self, cut: Cut, shown_s: Fraction) -> str:
        """The note, and how far a cut is off that begins with this moment of the file."""
        return f"{self.note}; here {_late_words(cut.late_s(shown_s))}" if self.note else ""


@dataclass(frozen=True)
class Sequence:
    """Files in step, pictures first. It starts where the first of them begins."""

    name: str
    rate: Fraction
    """Frames a second."""
    tracks: tuple[Track, ...]

    @property
    def frames(self) -> int:
        """Length, up to the end of the last cut."""
        return max(cut.begin + cut.frames for track in self.tracks for cut in track.cuts)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its largest picture, pixels; full HD where it has none."""
        videos = [track.footage.video for track in self.tracks if track.footage.video]
        sizes = [(video.width, video.height) for video in videos]
        return max(sizes, key=lambda size: size[0] * size[1], default=(1920, 1080))


def sequences_of(path: str | os.PathLike[str], placed: Placed) -> tuple[Sequence, ...]:
    """Lay out what was placed, a sequence a group.

    Args:
        path: the file that is wanted, for the message.
        placed: a pair or a timeline.

    Raises:
        VideoAlignmentError: nothing was placed, or of one of a pair only the features are at hand.
        UnusableFileError: a video that was placed is gone.
    """
    if isinstance(placed, AlignedPair):
        placed.check_matched(path)
        return (_of_pair(placed),)
    if not placed.groups:
        raise VideoAlignmentError(f"{path}: not written, because no two files share a moment")
    return tuple(_of_group(group, number) for number, group in enumerate(placed.groups, start=1))


def paths_of(path: str | os.PathLike[str], count: int) -> list[Path]:
    """A file a sequence, for formats that hold one: x.edl, x-2.edl, x-3.edl."""
    path = Path(path)
    others = (path.with_stem(f"{path.stem}-{number}") for number in range(2, count + 1))
    return [path, *others]


# ------------------------------------------------------------------ a pair


def _of_pair(pair: AlignedPair) -> Sequence:
    """A, whole and unchanged, and B beside it, to the nearest frame of A's rate."""
    alignment = pair.alignment
    videos = _videos(pair)
    rates = [standard_rate(video.fps) for video in videos if video]
    rate = rates[0] if rates else SOUND_ONLY_RATE
    pieces = (Piece(TimeMap(0.0), 0.0, alignment.duration_a_s),), pieces_of_b(alignment)
    start_s = min(piece.begin_a_s for part in pieces for piece in part)

    def laid(
        recording: Recording, video: VideoInfo | None, duration_s: float, part: tuple[Piece, ...]
    ) -> _Laid:
        first_s = video.first_frame_s if video else 0.0
        has_sound = video is None or video.has_audio
        sounds = video.sounds if video else probe_media(recording.path).sounds
        track = recording.sound.track if recording.sound else 0
        footage = Footage(recording.path, duration_s + first_s, video, has_sound, sounds, track)
        return _Laid(footage, tuple(_cut(piece, start_s, first_s, rate) for piece in part))

    both = (
        laid(pair.a, videos[0], alignment.duration_a_s, pieces[0]),
        laid(pair.b, videos[1], alignment.duration_b_s, pieces[1]),
    )
    pictures = (each for each in both if each.footage.video)
    sounds = (each for each in both if each.footage.has_sound)
    name = " + ".join(names_of(pair.a.path, pair.b.path))
    return Sequence(name, rate, (*_tracks("V", pictures), *_tracks("A", sounds)))


def _videos(pair: AlignedPair) -> tuple[VideoInfo | None, VideoInfo | None]:
    """What the two say about their pictures; None for a sound recording."""
    if any(each.video is None and each.features is None for each in (pair.a, pair.b)):
        return pair.a.video, pair.b.video
    return pair.videos


@dataclass(frozen=True)
class _Laid:
    """A file and where it lies; the words are those of `Track`."""

    footage: Footage
    cuts: tuple[Cut, ...]
    note: str = ""
    warning: str = ""


def _tracks(kind: Kind, files: Iterable[_Laid]) -> Iterator[Track]:
    for number, file in enumerate(files, start=1):
        yield Track(kind, number, file.footage, file.cuts, file.note, file.warning)


# ------------------------------------------------------------------ a group of a timeline


def _of_group(group: Group, number: int) -> Sequence:
    """Every file of a group at its place, at the rate that most of its pictures have."""
    footage = {file: _footage(file) for file in group.files}
    rates = Counter(each.rate for each in footage.values() if each.rate)
    rate = max(rates, key=lambda each: (rates[each], each), default=SOUND_ONLY_RATE)

    def laid(file: PlacedFile, time_map: TimeMap) -> _Laid:
        shown = footage[file]
        cut = _cut(_piece(file, time_map), 0.0, shown.first_frame_s, rate)
        return _Laid(shown, (cut,), _note(file), _warning(file, cut))

    pictures = (laid(file, file.time_map) for file in group.files if file.has_picture)
    sounds = (laid(file, sound_map(file)) for file in group.files if file.has_sound)
    return Sequence(f"Group {number}", rate, (*_tracks("V", pictures), *_tracks("A", sounds)))


def _footage(file: PlacedFile) -> Footage:
    video = probe_video(file.file) if file.has_picture else None
    first_frame_s = video.first_frame_s if video else 0.0
    sounds = video.sounds if video else probe_media(file.file).sounds
    length_s = file.duration_s + first_frame_s
    return Footage(file.file, length_s, video, file.has_sound, sounds, file.sound_track)


def sound_map(file: PlacedFile) -> TimeMap:
    """Where the group's clock has the sound of a file, which may come after its picture."""
    lag_s = (file.sound_lag_s or 0.0) if file.has_picture else 0.0
    return TimeMap(-lag_s).then(file.time_map)


def _piece(file: PlacedFile, time_map: TimeMap) -> Piece:
    """The whole file on the group's clock, but for what lies before the clock begins."""
    begin_s = max(0.0, time_map.to_b(0.0))
    return Piece(time_map.inverse(), begin_s, max(begin_s, time_map.to_b(file.duration_s)))


def _note(file: PlacedFile) -> str:
    """What is known of a file's place, e.g. for an editor's comment."""
    words = [
        f"begins at {clock(file.begin_s)} ± {uncertainty_words(file.uncertainty_s)}",
        f"clock {rate_words(file.rate)}",
    ]
    if file.has_picture and file.sound_lag_s is not None:
        words.append(f"its sound {_late_words(file.sound_lag_s)} against its picture")
    return "; ".join([*words, f"confidence {confidence_words(file.confidence)}"])


def _warning(file: PlacedFile, cut: Cut) -> str:
    """What an editor should look at."""
    words = []
    if cut.speed != 1:
        words.append(f"clock {rate_words(file.rate)}, so retimed to stay in step")
    if file.has_picture and file.sound_lag_s and abs(file.sound_lag_s) * cut.rate >= 0.5:
        words.append(f"its sound is {_late_words(file.sound_lag_s)}, so moved against its picture")
    if file.sound_track:
        words.append(f"what is heard is on its sound track {file.sound_track + 1}")
    if file.weak:
        words.append("hangs on one pair that is not sure")
    return f"{printable(file.file.name)}: {'; '.join(words)}" if words else ""


def _late_words(late_s: float) -> str:
    return f"{abs(late_s) * 1000:.1f} ms {'late' if late_s >= 0 else 'early'}"


def _cut(piece: Piece, start_s: float, first_frame_s: float, rate: Fraction) -> Cut:
    begin = round((piece.begin_a_s - start_s) * rate)
    end = round((piece.end_a_s - start_s) * rate)
    frames = max(1, end - begin)
    # A retiming that never adds up to half a frame would be noise in the editor. Left alone, such
    # a clip is right in its middle, and off by a quarter of a frame at its ends at most.
    retimed = abs(piece.time_map.speed - 1) * frames >= 0.5
    speed = piece.time_map.speed if retimed else 1.0
    middle_s = float((begin + frames / 2) / rate)
    shown_s = piece.time_map.to_b(middle_s + start_s) + first_frame_s
    return Cut(rate, begin, frames, TimeMap(shown_s - speed * middle_s, speed))
