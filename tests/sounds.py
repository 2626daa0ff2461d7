"""Made-up sounds of known truth, and files of them."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from videoalignment.features.sound import whiten
from videoalignment.features.sound_features import SoundFeatures, SoundRecipe

RATE_HZ = 8000


def event(seed: int, length_s: float, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Something happens all the time and never again: short noises and tones, float32."""
    generator = np.random.default_rng(seed)
    sound = np.zeros(int(length_s * rate_hz) + rate_hz, np.float32)
    for begin_s in np.arange(0, length_s, 0.11):
        begin = int((begin_s + generator.uniform(0, 0.1)) * rate_hz)
        times_s = np.arange(int(generator.uniform(0.05, 0.4) * rate_hz)) / rate_hz
        tone = np.sin(2 * np.pi * generator.uniform(200, 3000) * times_s)
        noise = generator.normal(size=len(times_s)) * generator.uniform(0, 1)
        sound[begin : begin + len(times_s)] += 0.1 * (tone + noise) * np.exp(-times_s / 0.08)
    return sound[: int(length_s * rate_hz)]


def heard(sound: np.ndarray, begin_s: float = 0.0, noise: float = 0.0, seed: int = 0):
    """The features of a sound at `RATE_HZ`, with noise of its own."""
    own = noise * np.random.default_rng(seed).normal(size=len(sound))
    whitened, levels_db = whiten([np.asarray(sound + own, np.float32)], SoundRecipe())
    return SoundFeatures(whitened, levels_db, begin_s, SoundRecipe())


def write_sound(
    path: Path, sound: np.ndarray, *options: str, rate_hz: int = RATE_HZ, picture: bool = False
) -> Path:
    """Write samples (n,) or (n, channels) with ffmpeg, which takes the codec from the suffix.

    Args:
        options: of the output.
        picture: whether to put a test picture beside the sound, as long as it.
    """
    channels = 1 if sound.ndim == 1 else sound.shape[1]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error"]
    command += ["-f", "f32le", "-ar", str(rate_hz), "-ac", str(channels), "-i", "-"]
    if picture:
        length_s = len(sound) / rate_hz
        command += ["-f", "lavfi", "-i", f"testsrc=size=64x48:rate=25:duration={length_s}"]
    subprocess.run(
        [*command, *options, f"file:{path}"], input=sound.astype(np.float32).tobytes(), check=True
    )
    return path
