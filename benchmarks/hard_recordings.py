"""Recordings of one made-up event that are hard on whoever lays them on a timeline, with the truth.

Each picture has the moment of the event that it shows in black and white squares below a moving
scene, so that whatever is made of a file, each of its frames tells when it was taken, to 0.1 ms;
and the sound never repeats itself, so that any stretch of it tells its moment, too.

The recorders have frame rates from 23.976 to 60, one a varying rate; containers, codecs, channels
and sample rates of all kinds; a timecode, a picture on its side, a clock that drifts, a late sound,
sound that begins after the picture, before it, ends after it, has a gap, or is not there.
"""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.signal import butter, sosfiltfilt

from benchmarks.scenes import FFMPEG
from videoalignment.time_map import TimeMap

EVENT_S = 60.0
_SIDE = 16  # pixels of a square
_COLUMNS, _ROWS = 12, 8  # of squares; the lowest two rows tell the moment
_BITS = 2 * _COLUMNS
_TICKS_A_SECOND = 10_000
_CHECKED = 1 << 4  # a code is a number of ticks times this, and a check sum
_RATE_HZ = 48_000
_BAND_HZ = 3500.0  # which 8000 samples a second hold
_X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p")
_MJPEG = ("-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p")
_VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "800k")


@dataclass(frozen=True)
class Recorder:
    """How a recording is made; its clock counts from its first picture, where it has one."""

    name: str
    begin_s: float
    """The event's moment of its moment 0."""
    length_s: float
    fps: str = ""
    """Frames a second, as ffmpeg takes them; empty for a recording of sound only."""
    picture: tuple[str, ...] = _X264
    sound: tuple[str, ...] = ("-c:a", "aac", "-b:a", "96k")
    """Encoders; no sound where the latter is empty."""
    rate: float = 1.0
    """Seconds of the event in one of its own."""
    lag_s: float = 0.0
    """How much later its sound comes than its picture."""
    sample_hz: int = 48_000
    channels: int = 1
    heard: tuple[float, float] = (0.0, 0.0)
    """How much later (earlier, where negative) than its picture the sound track begins, and ends.
    """
    gap_s: tuple[float, float] | None = None
    """A stretch of its clock without samples."""
    varying: bool = False
    """Whether a third of its frames is missing here and there."""
    on_its_side: bool = False
    extra: tuple[str, ...] = ()
    event: int = 0

    @property
    def time_map(self) -> TimeMap:
        """Of its picture, where it has one, onto the event."""
        return TimeMap(self.begin_s, self.rate)

    @property
    def sound_map(self) -> TimeMap:
        """Of its sound onto the event."""
        return TimeMap(-self.lag_s).then(self.time_map)

    @property
    def frame_s(self) -> float:
        """How long its frames last, at most."""
        return (3 if self.varying else 1) / float(Fraction(self.fps))

    @property
    def picture_late_s(self) -> float:
        """How long after the file's beginning its first picture is shown."""
        return max(0.0, -self.heard[0]) if self.fps else 0.0


RECORDERS = (
    Recorder("film.mov", 0.5, 40.0, "24000/1001", sound=("-c:a", "pcm_s16le"), channels=2),
    Recorder("pal.mov", 3.1234, 36.0, "25", channels=2, extra=("-timecode", "10:20:30:00")),
    Recorder("Käm #2 & co.mp4", 1.777, 38.0, "30000/1001", lag_s=0.12, sample_hz=44_100),
    Recorder(
        "thirty.mkv", 6.01, 30.0, "30", sound=("-c:a", "libopus"), channels=2, gap_s=(12.0, 14.5)
    ),
    Recorder("fifty.mp4", 2.345, 37.0, "50", heard=(0.8, 0.0), extra=("-bf", "3")),
    Recorder("longer sound.mp4", 4.4, 33.0, "60000/1001", heard=(0.0, 3.0), channels=2),
    Recorder("sixty.webm", 5.05, 31.5, "60", _VP8, ("-c:a", "libvorbis"), channels=2),
    Recorder(
        *("phone.mp4", 7.21, 29.0, "60"),
        varying=True,
        on_its_side=True,
        sample_hz=44_100,
    ),
    Recorder("silent.mp4", 0.9, 41.0, "50", sound=()),
    Recorder("surround.mkv", 2.9, 36.5, "50", _MJPEG, ("-c:a", "ac3"), channels=6),
    Recorder("drifting.mp4", 1.3, 39.0, "50", rate=1.0003),
    Recorder("sound first.mp4", 3.7, 35.0, "25", heard=(-0.4, 0.0)),
    Recorder("dictaphone.wav", 0.0, 45.0, sound=("-c:a", "pcm_s16le"), sample_hz=8000),
    Recorder("studio.flac", 8.0, 50.0, sound=("-c:a", "flac"), sample_hz=192_000, channels=2),
    Recorder("pocket.m4a", 9.3, 25.0, sample_hz=22_050, rate=0.99996),
    Recorder("elsewhere.mp4", 2.0, 20.0, "25", channels=2, event=1),
    Recorder("elsewhere.mp3", 5.5, 30.0, sound=("-c:a", "libmp3lame"), event=1),
)


def write_recordings(folder: Path, recorders: Sequence[Recorder] = RECORDERS) -> None:
    """Make those files that are not there yet.

    Args:
        folder: where.
        recorders: what is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sounds = {event: sound_of(event) for event in {one.event for one in recorders}}
    for one in recorders:
        if not (folder / one.name).exists():
            _write(folder / one.name, one, sounds[one.event])


# ------------------------------------------------------------------ what is seen and heard


def sound_of(event: int) -> np.ndarray:
    """The sound of an event, 48,000 samples a second: notes that begin when they like."""
    rng = np.random.default_rng([9, event])
    samples = rng.normal(0, 0.01, round((EVENT_S + 1) * _RATE_HZ))
    at_s = 0.0
    while at_s < EVENT_S:
        count = round(rng.uniform(0.05, 0.6) * _RATE_HZ)
        begin = round(at_s * _RATE_HZ)
        times_s = np.arange(min(count, len(samples) - begin)) / _RATE_HZ
        note = np.sin(2 * np.pi * rng.uniform(120, 3000) * times_s) + 0.3 * rng.normal(
            size=len(times_s)
        )
        samples[begin : begin + len(times_s)] += rng.uniform(0.1, 0.4) * note * np.exp(-5 * times_s)
        at_s += rng.exponential(0.12)
    low = butter(6, _BAND_HZ, fs=_RATE_HZ, output="sos")
    return np.clip(sosfiltfilt(low, samples), -1, 1)


def pictures_of(event: int, moments_s: np.ndarray) -> np.ndarray:
    """What is seen at moments of an event, shape (moments, height, width), grey.

    Lights of several sizes wander about, and where they do changes every few seconds.
    """
    rng = np.random.default_rng([7, event])
    cuts_s = np.cumsum(rng.uniform(2, 6, 40))
    shot = np.searchsorted(cuts_s, moments_s)
    y, x = np.mgrid[0 : (_ROWS - 2) * _SIDE, 0 : _COLUMNS * _SIDE]
    scene = np.full((len(moments_s), *y.shape), 40.0)
    for _ in range(7):
        speeds_hz = rng.uniform(0.05, 0.7, (2, 2, 41))
        phases = rng.uniform(0, 2 * np.pi, (2, 2, 41))
        turns = 2 * np.pi * speeds_hz[:, :, shot] * moments_s + phases[:, :, shot]
        along = 0.5 + 0.25 * np.sin(turns).sum(axis=1)  # shape (2, moments)
        centre_x, centre_y = along * [[x.shape[1]], [y.shape[0]]]
        size = rng.uniform(6, 22)
        apart = (x - centre_x[:, None, None]) ** 2 + (y - centre_y[:, None, None]) ** 2
        scene += rng.uniform(60, 190) * np.exp(-apart / (2 * size**2))
    return np.concatenate([scene.clip(16, 235).astype(np.uint8), _squares(moments_s)], axis=1)


def _squares(moments_s: np.ndarray) -> np.ndarray:
    """The moments in black and white, shape (moments, height, width)."""
    ticks = np.round(moments_s * _TICKS_A_SECOND).astype(int)
    codes = ticks * _CHECKED + _check_sum(ticks)
    bits = ((codes[:, None] >> np.arange(_BITS)) & 1).reshape(-1, 2, _COLUMNS)
    grey = (bits * 219 + 16).astype(np.uint8)
    return np.repeat(np.repeat(grey, _SIDE, axis=1), _SIDE, axis=2)


def _check_sum(ticks: np.ndarray) -> np.ndarray:
    return (ticks * 7 + ticks // 16 * 5 + ticks // 256 * 3 + 11) % _CHECKED


def moments_of(pictures: np.ndarray) -> np.ndarray:
    """Which moments pictures show, seconds; NaN where a picture does not tell.

    Args:
        pictures: grey, shape (pictures, height, width), of the proportions of those made here.
    """
    count, height, width = pictures.shape
    rows = ((np.arange(2) + _ROWS - 1.5) * height / _ROWS).astype(int)
    columns = ((np.arange(_COLUMNS) + 0.5) * width / _COLUMNS).astype(int)
    bits = pictures[:, rows][:, :, columns].reshape(count, _BITS) > 127
    codes = (bits * (1 << np.arange(_BITS))).sum(axis=1)
    ticks, check_sum = codes // _CHECKED, codes % _CHECKED
    return np.where(check_sum == _check_sum(ticks), ticks / _TICKS_A_SECOND, np.nan)


def moments_shown(path: Path) -> np.ndarray:
    """Which moment each frame of a file shows, shape (frames,), seconds; NaN where it tells none.

    A picture may lie on its side.
    """
    for turned in ("null", "transpose=cclock", "transpose=clock"):
        moments_s = moments_of(_frames(path, turned))
        if len(moments_s) == 0 or np.isnan(moments_s).mean() < 0.5:
            break
    return moments_s


def _frames(path: Path, turned: str) -> np.ndarray:
    width, height = _COLUMNS * _SIDE, _ROWS * _SIDE
    command = [FFMPEG, "-v", "error", "-i", f"file:{path}", "-map", "0:V:0"]
    command += ["-vf", f"{turned},scale={width}:{height}", "-fps_mode", "passthrough"]
    command += ["-f", "rawvideo", "-pix_fmt", "gray", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width)


def moment_heard_s(samples: np.ndarray, event: int, about_s: float, reach_s: float = 1.0) -> float:
    """Which moment of an event's sound samples begin with, seconds; NaN where they tell none.

    Args:
        samples: mono, 48,000 a second, some seconds.
        event: whose sound it is.
        about_s: where to look...
        reach_s: ... and how far to either side.
    """
    sound = sound_of(event)
    begin = max(0, round((about_s - reach_s) * _RATE_HZ))
    part = sound[begin : begin + len(samples) + round(2 * reach_s * _RATE_HZ)]
    size = 1 << (len(part) + len(samples)).bit_length()
    product = np.fft.rfft(part, size) * np.fft.rfft(samples, size).conj()
    curve = np.fft.irfft(product, size)[: round(2 * reach_s * _RATE_HZ)]
    best = int(np.argmax(np.abs(curve)))
    clear = np.abs(curve[best]) > 8 * np.median(np.abs(curve))
    return (begin + best) / _RATE_HZ if clear else float("nan")


# ------------------------------------------------------------------ files


def _write(path: Path, one: Recorder, sound: np.ndarray) -> None:
    command, pictures = [FFMPEG, "-y", "-v", "error"], None
    samples = path.with_name(f"{path.name}.part")
    if one.fps:
        size = f"{_COLUMNS * _SIDE}x{_ROWS * _SIDE}"
        turned = ["-noautorotate", "-display_rotation:v", "90"] if one.on_its_side else []
        raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", one.fps]
        command += [*turned, *raw, "-i", "-"]
        pictures = b"".join(_pictures(one))
    if one.sound:
        samples.write_bytes(_samples(one, sound).tobytes())
        raw = ["-f", "f32le", "-ar", str(one.sample_hz), "-ac", str(one.channels)]
        command += [*raw, "-i", str(samples)]
    if one.fps:
        missing = "not(mod(n,3)-1)+mod(floor(n/40),2)+not(n)" if one.varying else "1"
        chain = f"select='{missing}',setpts=PTS+{one.picture_late_s}/TB"
        command += ["-vf", chain, "-fps_mode", "vfr" if one.varying else "passthrough"]
        command += one.picture
    if one.sound:
        begin_s, end_s = one.gap_s or (-1.0, -1.0)
        late_s = max(0.0, one.heard[0])
        command += ["-af", f"aselect='not(between(t,{begin_s},{end_s}))',asetpts=PTS+{late_s}/TB"]
        command += one.sound
    subprocess.run([*command, *one.extra, f"file:{path}"], check=True, input=pictures)
    samples.unlink(missing_ok=True)


def _pictures(one: Recorder) -> Iterator[bytes]:
    count = int(one.length_s * Fraction(one.fps))
    times_s = np.arange(count) / float(Fraction(one.fps))
    for part in np.array_split(times_s, max(1, count // 100)):
        yield pictures_of(one.event, one.time_map.to_b(part)).tobytes()


def _samples(one: Recorder, sound: np.ndarray) -> np.ndarray:
    """A recorder's sound, shape (samples, channels), float32; silent where the event is over."""
    begin_s, end_s = one.heard[0], one.length_s + one.heard[1]
    times_s = begin_s + np.arange(round((end_s - begin_s) * one.sample_hz)) / one.sample_hz
    at = one.sound_map.to_b(times_s) * _RATE_HZ
    samples = np.interp(at, np.arange(len(sound)), sound, left=0.0, right=0.0)
    return (samples[:, None] * np.linspace(0.4, 0.9, one.channels)).astype("<f4")
