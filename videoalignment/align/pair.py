"""Two recordings and how they lie to each other: what reports, plots and editors' files show."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from videoalignment.align.alignment import Alignment, Evidence
from videoalignment.align.evidence import gather_evidence
from videoalignment.align.frame_map import FrameMap, map_frames
from videoalignment.align.motion.evidence import gather_motion_evidence
from videoalignment.align.options import AlignOptions
from videoalignment.align.sound.evidence import gather_sound_evidence
from videoalignment.errors import VideoAlignmentError
from videoalignment.features.motion_features import MotionFeatures
from videoalignment.features.sound_features import SoundFeatures
from videoalignment.features.store import FrameFeatures
from videoalignment.media.probe import VideoInfo

# How much longer than its features an alignment may take a video to be, seconds.
_LENGTHS_AGREE_S = 1.0


@dataclass(frozen=True)
class Recording:
    """A video or a sound recording, and what is known about it.

    Raises:
        VideoAlignmentError: neither its frames nor its sound are described, nor what moves.
    """

    path: Path
    """The file, as the user named it."""
    features: FrameFeatures | None
    """The descriptors of its frames; None where it has no picture, or only sounds are compared."""
    video: VideoInfo | None = None
    """What the file says about itself; None where only its features are at hand."""
    features_file: Path | None = None
    """The file that the features were read from; None where the frames were described."""
    sound: SoundFeatures | None = None
    """Its whitened sound; None where it has none, or only pictures are compared."""

    motion: MotionFeatures | None = None
    """What moves in it; None where that is not compared."""

    def __post_init__(self) -> None:
        if self.features is None and self.sound is None and self.motion is None:
            raise VideoAlignmentError(
                f"{self.path}: neither its frames nor its sound are described, nor what moves"
            )

    @property
    def duration_s(self) -> float:
        """How long it is: its picture where that is described, else until its sound ends."""
        if self.features is not None:
            return max(self.features.duration_s, float(self.features.times_s[-1]))
        if self.motion is not None:
            return self.motion.duration_s
        assert self.sound is not None
        return self.sound.end_s


@dataclass(frozen=True)
class AlignedPair:
    """Two recordings, how they lie to each other, and how that was asked for.

    Raises:
        VideoAlignmentError: the alignment is not of these recordings.
    """

    a: Recording
    b: Recording
    alignment: Alignment
    options: AlignOptions = field(default_factory=AlignOptions)

    def __post_init__(self) -> None:
        if self.a.features is not None and self.b.features is not None:
            self.a.features.check_comparable(self.b.features)
        lengths_s = self.alignment.duration_a_s, self.alignment.duration_b_s
        for recording, length_s in zip((self.a, self.b), lengths_s, strict=True):
            described_s = recording.duration_s
            if abs(length_s - described_s) > _LENGTHS_AGREE_S:
                raise VideoAlignmentError(
                    f"{recording.path}: its features last {described_s:.3f} s, but the alignment "
                    f"is of a video of {length_s:.3f} s; are A and B exchanged?"
                )

    @cached_property
    def evidence(self) -> Evidence:
        """Scores over all offsets and similarities of all moments, gathered on first use: those of
        the pictures, or of the sounds or of what moves where the answer rests on that alone."""
        one, other = self.a.motion, self.b.motion
        if self.alignment.by == "motion" and one is not None and other is not None:
            return gather_motion_evidence(one, other)
        frames, sounds = (self.a.features, self.b.features), (self.a.sound, self.b.sound)
        if self.alignment.by == "sound" and sounds[0] is not None and sounds[1] is not None:
            return gather_sound_evidence(sounds[0], sounds[1])
        if frames[0] is None or frames[1] is None:
            raise VideoAlignmentError(f"{self.a.path} and {self.b.path}: nothing was compared")
        return gather_evidence(frames[0], frames[1], self.alignment)

    @property
    def videos(self) -> tuple[VideoInfo, VideoInfo]:
        """What the two files say about themselves.

        Raises:
            VideoAlignmentError: of one only the features are at hand.
        """
        return _video_of(self.a), _video_of(self.b)

    def frame_map(self) -> FrameMap:
        """Find the frame of B that each frame of A shows; decodes both videos, every frame.

        Raises:
            VideoAlignmentError: they do not match, of one only the features are at hand, or a
                video cannot be read to its end.
        """
        if not self.alignment.matched:
            raise VideoAlignmentError(
                f"{self.a.path} and {self.b.path} do not match: no frame of one is known to be in "
                "the other"
            )
        a, b = self.videos
        return map_frames(a.path, b.path, self.alignment.segments)

    def check_matched(self, wanted: object) -> None:
        """Refuse to make what only makes sense for videos that match.

        Args:
            wanted: the file that would be made.

        Raises:
            VideoAlignmentError: they do not match.
        """
        if not self.alignment.matched:
            raise VideoAlignmentError(
                f"{wanted}: not written, because {self.a.path} and {self.b.path} do not match"
            )


def _video_of(recording: Recording) -> VideoInfo:
    if recording.video is None:
        if recording.features is None:
            raise VideoAlignmentError(
                f"{recording.path}: has no picture, which reports, videos side by side and frame "
                "maps need; give a video, or leave them out"
            )
        raise VideoAlignmentError(
            f"{recording.path}: only its features are at hand, but the video itself is "
            "needed; align the video files"
        )
    return recording.video
