"""What of two recordings can be compared, and its features: of pictures, of sounds, or of both."""

import logging
import os
from dataclasses import replace
from pathlib import Path

from videoalignment.align.options import AlignOptions
from videoalignment.align.pair import Recording
from videoalignment.errors import UnusableFileError, VideoAlignmentError
from videoalignment.features.cache import cached_features
from videoalignment.features.motion_store import cached_motion
from videoalignment.features.sound_features import SoundFeatures
from videoalignment.features.sound_store import cached_sound
from videoalignment.media.probe import VideoInfo, probe_media, probe_video

_log = logging.getLogger(__name__)

Given = str | os.PathLike[str] | Recording


def described(a: Given, b: Given, options: AlignOptions) -> tuple[Recording, Recording]:
    """Describe what both recordings have of what is to be compared; features are cached.

    Frames, which take minutes, are not described where the other recording has no picture, nor are
    sounds where it has none.

    Raises:
        VideoAlignmentError: a file cannot be read, or lacks what alone is compared.
    """
    if options.by == "motion":
        return followed(a), followed(b)
    # Both first, so that a bad B is found before the minutes that A may take.
    videos = [None if isinstance(given, Recording) else _video(given, options) for given in (a, b)]
    has_picture, has_sound = [], []
    for given, video in zip((a, b), videos, strict=True):
        if isinstance(given, Recording):
            has_picture.append(given.features is not None)
            has_sound.append(given.sound is not None)
        else:
            has_picture.append(video is not None)
            has_sound.append(video is None or video.has_audio)
            _check_sound(given, has_sound[-1], options)
    sounds = options.by != "picture" and all(has_sound)
    pictures = options.by != "sound" and all(has_picture)
    if not sounds and not pictures:
        raise VideoAlignmentError(_nothing_in_common((a, b), has_picture, has_sound, options))
    one, other = (
        given
        if isinstance(given, Recording)
        else _described(given, video, options, pictures, sounds)
        for given, video in zip((a, b), videos, strict=True)
    )
    return one, other


def followed(given: Given) -> Recording:
    """A recording with what moves in it, which is followed where that is not at hand.

    Raises:
        VideoAlignmentError: it has no picture, or the video is not at hand.
    """
    if not isinstance(given, Recording):
        return Recording(Path(given), None, probe_video(given), motion=cached_motion(given))
    if given.motion is not None:
        return given
    if given.video is None:
        raise VideoAlignmentError(
            f"{given.path}: what moves in it is not described; give the video, or follow it first"
        )
    return replace(given, motion=cached_motion(given.video.path))


def _nothing_in_common(
    given: tuple[Given, Given],
    has_picture: list[bool],
    has_sound: list[bool],
    options: AlignOptions,
) -> str:
    """Say in one line what keeps two recordings from being compared."""
    names = [str(one.path if isinstance(one, Recording) else one) for one in given]
    for kind, has in (("picture", has_picture), ("sound", has_sound)):
        if options.by == kind:
            return f"{names[has.index(False)]}: has no {kind} to compare; give what has one"
    silent = has_picture.index(True) if True in has_picture else 0
    return (
        f"{names[1 - silent]}: has no picture, and {names[silent]} has no sound, so nothing of the "
        "two can be compared"
    )


def _video(path: str | os.PathLike[str], options: AlignOptions) -> VideoInfo | None:
    """What a video says about itself; None for a sound recording, where one will do.

    Raises:
        UnusableFileError: the file cannot be read, or has no picture and needs one.
    """
    try:
        return probe_video(path)
    except UnusableFileError:
        if options.by == "picture":
            raise
        media = probe_media(path)
        if media.has_picture and options.by in ("auto", "both"):
            raise
        return None


def _check_sound(path: str | os.PathLike[str], has_sound: bool, options: AlignOptions) -> None:
    if options.by == "sound" and not has_sound:
        raise UnusableFileError(
            f"{os.fspath(path)}: has no sound track, so it cannot be compared by sound; compare by "
            "picture, or give the file with the sound"
        )


def _described(
    path: str | os.PathLike[str],
    video: VideoInfo | None,
    options: AlignOptions,
    pictures: bool,
    sounds: bool,
) -> Recording:
    features = None
    if pictures and video is not None:
        features = cached_features(
            path, backbone=options.backbone, fps=options.fps, device=options.device
        )
    sound = None
    if sounds and (video is None or video.has_audio):
        instead = "only the pictures are compared"
        sound = usable_sound(path, needed=features is None, instead=instead)
    return Recording(Path(path), features, video, sound=sound)


def usable_sound(
    path: str | os.PathLike[str], *, needed: bool, instead: str
) -> SoundFeatures | None:
    """A recording's sound; None where it cannot be decoded and pictures will do.

    Args:
        path: of the recording.
        needed: whether nothing else can be compared.
        instead: what is done without it, for a warning.

    Raises:
        UnusableFileError: it is needed and cannot be decoded.
    """
    try:
        return cached_sound(path)
    except UnusableFileError as error:
        if needed:
            raise
        _log.warning("%s; %s", error, instead)
        return None
