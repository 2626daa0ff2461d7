"""Videos whose frames carry their number as a bar code, and sounds that click each second."""

from pathlib import Path

import numpy as np
from ramps import run_ffmpeg

_BITS, _SIDE = 16, 16


def write_numbered(
    path: Path,
    frames: int,
    fps: str,
    *extra: str,
    key_every: int = 250,
    sound: Path | None = None,
) -> Path:
    """Make a video whose frame n shows n in 16 black and white squares."""
    numbers = np.arange(frames)
    bits = (numbers[:, None] >> np.arange(_BITS)) & 1
    rows = np.repeat(bits.astype(np.uint8) * 219 + 16, _SIDE, axis=1)
    picture = np.repeat(rows[:, None, :], 2 * _SIDE, axis=1)
    raw = path.with_suffix(".raw")
    raw.write_bytes(picture.tobytes())
    size = f"{_BITS * _SIDE}x{2 * _SIDE}"
    run_ffmpeg(
        *("-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", fps, "-i", raw),
        *(("-i", sound) if sound else ()),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-pix_fmt", "yuv420p"),
        *("-g", str(key_every), "-keyint_min", str(key_every), "-sc_threshold", "0"),
        *(*extra, f"file:{path}"),
    )
    raw.unlink()
    return path


def numbers_shown(path: Path) -> np.ndarray:
    """Read the number off every frame, shape (frames,)."""
    every = ("-map", "0:V:0", "-fps_mode", "passthrough")  # none twice, none left out
    raw = run_ffmpeg("-i", path, *every, "-f", "rawvideo", "-pix_fmt", "gray", "-")
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, 2 * _SIDE, _BITS, _SIDE)
    bits = np.median(pictures, axis=(1, 3)) > 127
    return (bits * (1 << np.arange(_BITS))).sum(axis=1)


def write_clicks(path: Path, duration_s: float, *, speed: float = 1.0, late_s: float = 0.0) -> Path:
    """Make a sound that clicks at each whole second of an event, sample-exact.

    Args:
        path: a WAV of 48 kHz.
        duration_s: its length.
        speed: seconds of the event in one of the sound's.
        late_s: how much later, by its own clock, each click comes.
    """
    samples = np.zeros(round(duration_s * 48000), np.int16)
    clicks_s = (np.arange(0, int(duration_s * speed) + 1) / speed) + late_s
    places = np.round(clicks_s * 48000).astype(int)
    for place in places[places + 24 < len(samples)]:
        samples[place : place + 24] = 20000
    raw = path.with_suffix(".pcm")
    raw.write_bytes(samples.tobytes())
    run_ffmpeg("-f", "s16le", "-ar", "48000", "-ac", "1", "-i", raw, path)
    raw.unlink()
    return path


def clicks_heard(path: Path) -> np.ndarray:
    """When the clicks of a sound begin, seconds."""
    raw = run_ffmpeg("-i", path, "-map", "0:a:0", "-ac", "1", "-ar", "48000", "-f", "s16le", "-")
    loud = np.flatnonzero(np.abs(np.frombuffer(raw, np.int16).astype(int)) > 6000)
    begins = loud[np.diff(loud, prepend=-10_000) > 4800]
    return begins / 48000
