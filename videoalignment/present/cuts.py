"""An aligned pair as whole frames on an editor's two tracks."""

from dataclasses import dataclass
from fractions import Fraction

from videoalignment.align.pair import AlignedPair
from videoalignment.align.pieces import Piece, pieces_of_b
from videoalignment.media.probe import VideoInfo
from videoalignment.present.timecode import standard_rate
from videoalignment.time_map import TimeMap


@dataclass(frozen=True)
class Cut:
    """A stretch of one video at its place on a track. All counts are frames of the timeline."""

    rate: Fraction
    """Frames a second of the timeline."""
    begin: int
    """First frame on the track, counted from the beginning of the timeline."""
    frames: int
    """Length on the track."""
    time_map: TimeMap
    """Which moment of the file each moment of the timeline shows; frames fall on frames."""

    @property
    def speed(self) -> float:
        """Seconds of the video that play in one second of the timeline."""
        return self.time_map.speed

    @property
    def source_begin(self) -> int:
        """First frame, counted from the beginning of the file."""
        return round(self.time_map.to_b(float(self.begin / self.rate)) * self.rate)

    @property
    def source_frames(self) -> int:
        """Length of what is taken from the video."""
        return max(1, round(self.frames * self.speed))


@dataclass(frozen=True)
class Track:
    """One video on the timeline."""

    video: VideoInfo
    duration_s: float
    """Length of the file, seconds."""
    cuts: tuple[Cut, ...]


@dataclass(frozen=True)
class TwoTrackTimeline:
    """Two videos in step. It starts where the first of them begins."""

    rate: Fraction
    """Frames a second: the standard rate of A, which plays as it is."""
    a: Track
    b: Track


def two_tracks(pair: AlignedPair) -> TwoTrackTimeline:
    """Place A, whole and unchanged, and B beside it, to the nearest frame.

    Raises:
        VideoAlignmentError: of one of the two only the features are at hand.
    """
    a, b = pair.videos
    alignment = pair.alignment
    rate = standard_rate(a.fps)
    pieces_a = (Piece(TimeMap(0.0), 0.0, alignment.duration_a_s),)
    pieces_b = pieces_of_b(alignment)
    start_s = min(piece.begin_a_s for piece in (*pieces_a, *pieces_b))

    def track(video: VideoInfo, duration_s: float, pieces: tuple[Piece, ...]) -> Track:
        cuts = (_cut(piece, start_s, video.first_frame_s, rate) for piece in pieces)
        return Track(video, duration_s + video.first_frame_s, tuple(cuts))

    return TwoTrackTimeline(
        rate,
        track(a, alignment.duration_a_s, pieces_a),
        track(b, alignment.duration_b_s, pieces_b),
    )


def _cut(piece: Piece, start_s: float, first_frame_s: float, rate: Fraction) -> Cut:
    begin = round((piece.begin_a_s - start_s) * rate)
    end = round((piece.end_a_s - start_s) * rate)
    frames = max(1, end - begin)
    source_begin = round((piece.begin_b_s + first_frame_s) * rate)
    # A retiming that never adds up to half a frame would be noise in the editor.
    retimed = abs(piece.time_map.speed - 1) * frames >= 0.5
    speed = piece.time_map.speed if retimed else 1.0
    offset_s = float(source_begin / rate) - speed * float(begin / rate)
    return Cut(rate, begin, frames, TimeMap(offset_s, speed))
