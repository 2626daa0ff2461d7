"""Pairs of made sounds that are alike though they share no moment, and some that do share one.

Two recordings may have the same jingle, hum, loop or beat, or the same kind of silence; or lie at
different moments of music that is laid over one loop. None of them should be placed. Beside them
are recordings that share a moment of music over a loop, which should, and of a loop alone, where
each turn is as right as any other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from videoalignment.features.sound_features import SoundRecipe

_RATE_HZ = SoundRecipe().rate_hz
_SHARED_S = 3.0


@dataclass(frozen=True)
class HardPair:
    """Two sounds at the recipe's rate, and the truth of them."""

    kind: str
    a: np.ndarray
    b: np.ndarray
    offset_s: float | None = None
    """The moment of B at which A begins; None where they share none."""


def hard_pairs(sounds: Sequence[np.ndarray], count: int, seed: int) -> Iterator[HardPair]:
    """Make so many pairs of each kind.

    Args:
        sounds: of different events, at the recipe's rate.
    """
    generator = np.random.default_rng(seed)
    long = [sound for sound in sounds if len(sound) > 40 * _RATE_HZ]
    makers = (_with_a_jingle, _with_a_hum, _with_a_loop, _ticking, _noises, _silences)
    for _ in range(count):
        for maker in makers:
            one, other, third = generator.permutation(len(sounds))[:3]
            a, b = (_excerpt(sounds[i], generator, 8, 30) for i in (one, other))
            kind = maker.__name__.strip("_").replace("_", " ")
            yield HardPair(kind, *maker(a, b, sounds[third], generator))
        yield _only_a_loop(sounds[one], generator)
        event, other = generator.permutation(len(long))[:2]
        for shares in (True, False):
            yield _over_a_loop(long[event], sounds[other], shares, generator)


def _excerpt(sound: np.ndarray, generator: np.random.Generator, least_s: float, most_s: float):
    length = int(min(generator.uniform(least_s, most_s) * _RATE_HZ, len(sound) - 1))
    begin = int(generator.integers(len(sound) - length))
    part = sound[begin : begin + length]
    return part / (np.std(part) + 1e-6) * 0.1


def _with_a_jingle(a, b, spare, generator):
    jingle = _excerpt(spare, generator, 2, 4) * generator.uniform(0.5, 3)
    for sound in (a, b):
        begin = int(generator.integers(max(1, len(sound) - len(jingle))))
        count = min(len(jingle), len(sound) - begin)
        sound[begin : begin + count] = jingle[:count]
    return a, b


def _with_a_hum(a, b, _, generator):
    base_hz = generator.choice([50, 60])
    strengths = generator.uniform(0, 1, 60) / np.arange(1, 61) ** generator.uniform(0, 1)
    for sound in (a, b):
        times_s = np.arange(len(sound)) / _RATE_HZ + generator.uniform(0, 1)
        waves = (s * np.sin(2 * np.pi * base_hz * k * times_s) for k, s in enumerate(strengths, 1))
        sound += sum(waves) * generator.uniform(0.02, 0.3)
    return a, b


def _with_a_loop(a, b, spare, generator):
    loop = _excerpt(spare, generator, 1, 6)
    for sound in (a, b):
        shift = int(generator.integers(len(loop)))
        bed = np.resize(np.roll(loop, shift), len(sound))
        sound += bed * 10 ** generator.uniform(-0.5, 0.5)
    return a, b


def _ticking(a, b, _, generator):
    every, tick = generator.uniform(0.25, 1.2), generator.normal(size=160) * 0.5
    tick *= np.exp(-np.arange(160) / generator.uniform(5, 80))
    for sound in (a, b):
        sound *= 10 ** generator.uniform(-2, -0.5)
        for begin_s in np.arange(generator.uniform(0, every), len(sound) / _RATE_HZ - 0.1, every):
            sound[int(begin_s * _RATE_HZ) : int(begin_s * _RATE_HZ) + 160] += tick
    return a, b


def _noises(a, b, _, generator):
    for sound in (a, b):
        noise = generator.normal(size=len(sound))
        sound[:] = 0.05 * (np.cumsum(noise) / 50 if generator.random() < 0.3 else noise)
    return a, b


def _silences(a, b, _, generator):
    """What a recorder writes where nothing is heard: a few steps of its converter, and clicks."""
    for sound in (a, b):
        steps = np.rint(generator.normal(size=len(sound)) * generator.uniform(0.2, 2))
        for place in generator.integers(len(sound), size=generator.integers(4)):
            steps[place : place + 8] += 100
        sound[:] = steps / 2**15
    return a, b


def _only_a_loop(sound, generator):
    loop = _excerpt(sound, generator, 1, 6)
    music = np.resize(loop, int(generator.uniform(15, 40) * _RATE_HZ))
    length = int(generator.uniform(6, 14) * _RATE_HZ)
    begin = int(generator.integers(len(music) - length))
    one, other = _recorded([music[begin : begin + length], music], generator)
    return HardPair("only a loop", one, other, begin / _RATE_HZ)


def _over_a_loop(event, spare, shares, generator):
    """Recordings of music that is laid over a loop, a third to six times as loud as the rest."""
    event = _excerpt(event, generator, 60, 60)
    loop = _excerpt(spare, generator, 0.8, 6)
    music = event + np.resize(loop, len(event)) * 10 ** generator.uniform(-0.5, 0.8)
    longest = min(25.0, len(event) / _RATE_HZ * 0.45)
    lengths = [int(generator.uniform(8, longest) * _RATE_HZ) for _ in range(2)]
    room = len(music) - sum(lengths)
    first = int(generator.integers(room))
    second = first + lengths[0] + int(generator.integers(room - first))
    if shares:
        shared = int(_SHARED_S * _RATE_HZ)
        second = int(
            generator.integers(max(0, first - lengths[1] + shared), first + lengths[0] - shared)
        )
    begins = [first, second]
    parts = [music[begin : begin + length] for begin, length in zip(begins, lengths, strict=True)]
    one, other = _recorded(parts, generator)
    kind = "over a loop" if shares else "over a loop, apart"
    return HardPair(kind, one, other, (first - second) / _RATE_HZ if shares else None)


def _recorded(parts, generator):
    """With noise of their own."""
    loud = 10 ** generator.uniform(-3, -0.5) * np.std(parts[0])
    return [part + loud * generator.normal(size=len(part)) for part in parts]
