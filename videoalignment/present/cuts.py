"""An alignment as whole frames on an editor's two tracks."""

from dataclasses import dataclass
from fractions import Fraction

from videoalignment.align.alignment import Alignment
from videoalignment.align.pieces import Piece, pieces_of_b
from videoalignment.media.probe import VideoInfo
from videoalignment.present.timecode import standard_rate


@dataclass(frozen=True)
class Cut:
    """A stretch of one video at its place on a track. All counts are frames of the timeline."""

    source_begin: int
    """First frame, counted from the beginning of the file."""
    begin: int
    """First frame on the track, counted from the beginning of the timeline."""
    frames: int
    """Length on the track."""
    speed: float
    """Seconds of the video that play in one second of the timeline."""

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
class Timeline:
    """Two videos in step. It starts where the first of them begins."""

    rate: Fraction
    """Frames a second: the standard rate of A, which plays as it is."""
    a: Track
    b: Track


def timeline_of(alignment: Alignment, a: VideoInfo, b: VideoInfo) -> Timeline:
    """Place A, whole and unchanged, and B beside it, to the nearest frame.

    Args:
        alignment: where the two meet.
        a, b: the two videos.
    """
    rate = standard_rate(a.fps)
    pieces_a = (Piece(0.0, alignment.duration_a_s, 0.0, 1.0),)
    pieces_b = pieces_of_b(alignment)
    start_s = min(piece.begin_a_s for piece in (*pieces_a, *pieces_b))

    def track(video: VideoInfo, duration_s: float, pieces: tuple[Piece, ...]) -> Track:
        cuts = (_cut(piece, start_s, video.first_frame_s, rate) for piece in pieces)
        return Track(video, duration_s + video.first_frame_s, tuple(cuts))

    return Timeline(
        rate,
        track(a, alignment.duration_a_s, pieces_a),
        track(b, alignment.duration_b_s, pieces_b),
    )


def _cut(piece: Piece, start_s: float, first_frame_s: float, rate: Fraction) -> Cut:
    begin = round((piece.begin_a_s - start_s) * rate)
    end = round((piece.end_a_s - start_s) * rate)
    frames = max(1, end - begin)
    # A retiming that never adds up to half a frame would be noise in the editor.
    retimed = abs(piece.speed - 1) * frames >= 0.5
    return Cut(
        source_begin=round((piece.begin_b_s + first_frame_s) * rate),
        begin=begin,
        frames=frames,
        speed=piece.speed if retimed else 1.0,
    )
