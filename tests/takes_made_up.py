"""Takes of made-up events and what comparing them two by two would say, with the truth."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from videoalignment.align.timeline.measurements import Measurement, Recorded
from videoalignment.time_map import TimeMap

EVENT_S = 50.0


@dataclass(frozen=True)
class Take:
    """A recording, and the truth of it."""

    recorded: Recorded
    event: int
    begin_s: float
    rate: float = 1.0
    lag_s: float = 0.0

    @property
    def end_s(self):
        return self.begin_s + self.rate * self.recorded.duration_s

    def map_by(self, by):
        """Onto the event's clock; a late sound shows what was earlier."""
        return TimeMap(self.begin_s - self.rate * (self.lag_s if by == "sound" else 0), self.rate)


def files_of(made):
    return [one.recorded for one in made]


def errors_s(group, made):
    """How far each file's middle lies from the truth, on the line that is nearest to all.

    The group's clock runs as its files do in the mean, the event's a few millionths otherwise.
    """
    by_name = {one.recorded.file: one for one in made}
    found_s, true_s = [], []
    for file in group.files:
        truth = by_name[file.file].map_by("picture" if file.has_picture else "sound")
        found_s.append(file.time_map.to_b(file.duration_s / 2))
        true_s.append(truth.to_b(file.duration_s / 2))
    off_s = np.subtract(found_s, true_s)
    if np.ptp(off_s) < 0.02 and len(off_s) > 2:
        off_s -= np.polyval(np.polyfit(true_s, off_s, 1), true_s)
    return off_s - np.median(off_s)


def take(number, event, begin_s, duration_s, *, picture=True, sound=True, **rest):
    recorded = Recorded(Path(f"take{number:03d}"), duration_s, picture, sound)
    return Take(recorded, event, begin_s, **rest)


def takes(rng, *, events=3, each=6, loners=2, lag_s=0.0):
    """Takes of some events, most of them with picture and sound, and some of events of their own.

    Where lags are asked for, one take of each event has one.
    """
    made = []
    for event in range(events + loners):
        for number in range(each if event < events else 1):
            kind = "both" if number < 3 else rng.choice(["both", "both", "picture", "sound"])
            duration_s = rng.uniform(20, 40)
            made.append(
                take(
                    len(made),
                    event,
                    rng.uniform(0, EVENT_S - duration_s),
                    duration_s,
                    picture=kind != "sound",
                    sound=kind != "picture",
                    rate=1 + rng.uniform(-80, 80) * 1e-6,
                    lag_s=lag_s if number == 0 else 0.0,
                )
            )
    return made


def measured(a, b, made, by, *, rng=None, sigma_s=0.0):
    """What comparing two takes of one event gives, to within a standard error."""
    one, other = made[a], made[b]
    truth = one.map_by(by).then(other.map_by(by).inverse())
    begin_s, end_s = max(one.begin_s, other.begin_s), min(one.end_s, other.end_s)
    at_s = one.map_by(by).to_a((begin_s + end_s) / 2)
    error_s = rng.normal(0, sigma_s) if rng is not None else 0.0
    found = TimeMap(truth.offset_s + error_s, truth.speed)
    return Measurement(a, b, by, found, at_s, max(sigma_s, 1e-5), 5e-6, 0.999)


def unfounded(rng, a, b, made, by, confidence):
    """A place at which two takes do not meet, with the confidence that is claimed for it."""
    length_a_s, length_b_s = (made[k].recorded.duration_s for k in (a, b))
    offset_s = rng.uniform(5 - length_a_s, length_b_s - 5)
    return Measurement(a, b, by, TimeMap(offset_s), length_a_s / 2, 1e-3, 1e-5, confidence)


def compared(rng, made, *, wrong=0.0, sigmas_s=(0.0, 0.0)):
    """All pairs, by picture and by sound, and those among them that are sure and wrong.

    Args:
        wrong: the share of pairs of files that are replaced by wrong ones.
        sigmas_s: standard errors by picture and by sound.
    """
    measurements, wrong_ones = [], []
    for a in range(len(made)):
        for b in range(a + 1, len(made)):
            one, other = made[a], made[b]
            shared_s = min(one.end_s, other.end_s) - max(one.begin_s, other.begin_s)
            share = one.event == other.event and shared_s > 4
            kinds = [
                by
                for by in ("picture", "sound")
                if getattr(one.recorded, f"has_{by}") and getattr(other.recorded, f"has_{by}")
            ]
            if kinds and rng.random() < wrong:
                wrong_ones.append(unfounded(rng, a, b, made, kinds[-1], 0.999))
                measurements.append(wrong_ones[-1])
                continue
            for by, sigma_s in zip(("picture", "sound"), sigmas_s, strict=True):
                if by in kinds and share:
                    measurements.append(measured(a, b, made, by, rng=rng, sigma_s=sigma_s))
                elif by in kinds:
                    measurements.append(unfounded(rng, a, b, made, by, rng.uniform(0, 0.1)))
    return measurements, wrong_ones
