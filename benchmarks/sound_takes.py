"""Make sound recordings ("takes") of events, as several recorders would, with exact truth.

Every take of an event has its own begin, length and clock, its own microphone (equaliser,
compressor), room (echo, reverberation), noise, loudness, polarity, and codec. Some have a sound of
their own that no other take hears: a voice beside the recorder. Writes OUT/*.{wav,mp3,m4a,ogg,opus}
and OUT/takes.csv with the columns file, event, begin_s, rate, room, noise_db: the moment t of a
take is the event's moment begin_s + rate * t; noise_db is how far the event's sound lies above the
noise.

example: python -m benchmarks.sound_takes takes music/*.ogg --takes 6 --seed 1 --noise 4
"""

import argparse
import csv
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from benchmarks.scenes import FFMPEG
from videoalignment.progress import track

_RATE_HZ = 48_000
ROOMS = {
    "none": "anull",
    "telephone": "highpass=f=250,lowpass=f=3400",
    "echo": "aecho=0.8:0.7:23|61|97:0.5|0.35|0.25",
    "bass": "bass=g=9",
    "treble": "treble=g=8,highpass=f=120",
    "compressed": "acompressor=threshold=0.05:ratio=8",
    "dull": "lowpass=f=1800",
    "hall": "",
    "neighbour": "",
}
"""What a microphone and a room do to a sound; "hall" reverberates, "neighbour" has a voice of its
own beside the recorder: both are made here."""
CODECS = {
    "wav": "-c:a pcm_s16le",
    "mp3": "-c:a libmp3lame -b:a 64k",
    "m4a": "-c:a aac -b:a 64k",
    "ogg": "-c:a libvorbis -b:a 64k",
    "opus": "-c:a libopus -b:a 32k",
}


@dataclass(frozen=True)
class Take:
    """A recording of an event, and where it lies on the event's clock."""

    file: str
    event: int
    begin_s: float
    rate: float
    room: str
    noise_db: float
    length_s: float

    def shared_s(self, other: "Take") -> float:
        """How many seconds of the event both have; negative where they are apart."""
        end_s, other_end_s = (t.begin_s + t.rate * t.length_s for t in (self, other))
        return min(end_s, other_end_s) - max(self.begin_s, other.begin_s)

    def place_s(self, time_s: float, other: "Take") -> float:
        """The moment of another take of the same event at which a moment of this one was."""
        return (self.begin_s + self.rate * time_s - other.begin_s) / other.rate


@dataclass(frozen=True)
class Recipe:
    """How takes are drawn."""

    takes: int = 6
    seed: int = 0
    shortest_s: float = 8.0
    longest_s: float = 40.0
    ppm: float = 80.0
    """How far a clock may run from the event's, parts in a million."""
    noise: float = 1.0
    """Times as much noise as usual."""
    rooms: tuple[str, ...] = tuple(ROOMS)


def make_takes(out: Path, events: Sequence[Path], recipe: Recipe) -> list[Take]:
    """Make the takes of events, or read what an earlier call left in the folder.

    Args:
        out: the folder.
        events: a file with sound each.
        recipe: how takes are drawn; the folder is taken to hold takes of this recipe.
    """
    table = out / "takes.csv"
    if table.exists():
        return read_takes(table)
    out.mkdir(parents=True, exist_ok=True)
    takes = []
    for event, path in enumerate(track(events, "takes", len(events), "events")):
        sound = read_sound(path)
        voices = read_sound(events[event - 1])
        for number in range(recipe.takes):
            name = f"take{event:03}-{number}"
            generator = np.random.default_rng([recipe.seed, event, number])
            takes.append(_record(out / name, event, sound, voices, recipe, generator))
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(Take)])
        writer.writerows(asdict(take).values() for take in takes)
    return takes


def read_takes(table: Path) -> list[Take]:
    """Read what `make_takes` wrote."""
    with table.open(newline="") as file:
        return [
            Take(**{field.name: field.type(row[field.name]) for field in fields(Take)})
            for row in csv.DictReader(file)
        ]


def read_sound(path: Path) -> np.ndarray:
    """A file's sound, mono, float32, 48,000 samples a second."""
    command = [FFMPEG, "-v", "error", "-i", str(path), "-map", "0:a:0", "-ac", "1"]
    raw = subprocess.run(
        [*command, "-ar", str(_RATE_HZ), "-f", "f32le", "-"], check=True, capture_output=True
    ).stdout
    return np.frombuffer(raw, np.float32)


def _record(
    stem: Path,
    event: int,
    sound: np.ndarray,
    voices: np.ndarray,
    recipe: Recipe,
    generator: np.random.Generator,
) -> Take:
    """Draw and write one take."""
    length_s = len(sound) / _RATE_HZ
    longest_s = min(recipe.longest_s, length_s - 0.5)
    span_s = float(generator.uniform(min(recipe.shortest_s, longest_s), longest_s))
    begin = int(generator.uniform(0, length_s - span_s) * _RATE_HZ)
    heard = sound[begin : begin + int(span_s * _RATE_HZ)]
    # asetrate takes whole numbers: anything else would be rounded, and the truth be another one
    rate_hz = round(_RATE_HZ * (1 + float(generator.uniform(-recipe.ppm, recipe.ppm)) * 1e-6))
    rate = rate_hz / _RATE_HZ
    room = str(generator.choice(recipe.rooms))
    if room == "hall":
        heard = _in_a_hall(heard, generator)
    elif room == "neighbour":
        heard = _beside_a_voice(heard, voices, generator)
    heard = heard * generator.uniform(0.2, 1.0) * generator.choice([-1.0, 1.0])
    noise = 10 ** (-generator.uniform(10, 40) / 20) * 0.2 * recipe.noise
    colour = generator.choice(["white", "pink", "brown"])
    suffix = str(generator.choice(list(CODECS)))
    graph = (
        f"[0:a]asetrate={rate_hz},aresample={_RATE_HZ},{ROOMS[room] or 'anull'}[s];"
        f"anoisesrc=color={colour}:amplitude={noise:.5f}:seed={generator.integers(1 << 30)}"
        f":sample_rate={_RATE_HZ}:duration={span_s}[n];"
        "[s][n]amix=inputs=2:duration=first:normalize=0"
    )
    path = stem.with_suffix(f".{suffix}")
    command = [FFMPEG, "-y", "-v", "error", "-f", "f32le", "-ar", str(_RATE_HZ), "-ac", "1"]
    subprocess.run(
        [*command, "-i", "-", "-filter_complex", graph, *CODECS[suffix].split(), str(path)],
        input=heard.astype(np.float32).tobytes(),
        check=True,
    )
    loudness = float(np.sqrt(np.mean(np.square(heard)) + 1e-12))
    noise_db = 20 * np.log10(loudness / noise)
    return Take(path.name, event, begin / _RATE_HZ, rate, room, round(noise_db, 1), span_s / rate)


def _in_a_hall(heard: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Reverberation of 0.3 to 1 s, as loud as what comes directly or up to half as loud."""
    decay_s = generator.uniform(0.3, 1.0)
    times_s = np.arange(int(decay_s * _RATE_HZ)) / _RATE_HZ
    tail = generator.normal(size=len(times_s)) * 10 ** (-3 * times_s / decay_s)
    tail *= generator.uniform(0.5, 1.0) / np.linalg.norm(tail)
    tail[: int(0.002 * _RATE_HZ)] = 0
    tail[0] = 1.0
    size = 1 << (len(heard) + len(tail)).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.fft.rfft(tail, size)
    return np.fft.irfft(spectrum, size)[: len(heard)] * 0.7


def _beside_a_voice(
    heard: np.ndarray, voices: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Another sound in a third of the time, as loud as the event or up to twice as loud."""
    mixed = heard.copy()
    for _ in range(max(1, len(heard) // (6 * _RATE_HZ))):
        length = min(2 * _RATE_HZ, len(heard) // 3, len(voices) // 2)
        to, source = (int(generator.integers(len(x) - length)) for x in (heard, voices))
        other = voices[source : source + length]
        level = np.std(heard) / (np.std(other) + 1e-6) * generator.uniform(1, 2)
        mixed[to : to + length] += other * level
    return np.clip(mixed, -1, 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of every program that makes takes."""
    parser.add_argument("out", type=Path)
    parser.add_argument("events", type=Path, nargs="+", metavar="EVENT", help="a file with sound")
    parser.add_argument("--takes", type=int, default=Recipe.takes, help="of every event")
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--noise", type=float, default=1.0, help="times as much noise")
    parser.add_argument(
        "--seconds",
        type=float,
        nargs=2,
        default=(Recipe.shortest_s, Recipe.longest_s),
        metavar=("SHORTEST", "LONGEST"),
        help="of a take",
    )


def recipe_of(options: argparse.Namespace) -> Recipe:
    """How takes are asked for, of the arguments that `add_arguments` adds."""
    shortest_s, longest_s = options.seconds
    return Recipe(
        takes=options.takes,
        seed=options.seed,
        shortest_s=shortest_s,
        longest_s=longest_s,
        noise=options.noise,
    )


def main() -> None:
    """Make takes as asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    options = parser.parse_args()
    takes = make_takes(options.out, options.events, recipe_of(options))
    print(f"{len(takes)} takes in {options.out}")


if __name__ == "__main__":
    main()
