"""From a candidate to a fraction of a frame.

Short windows spread over the overlap are each correlated with B around the candidate, in steps much
shorter than a frame. Summing those curves along lines through time (the sum over windows as a
function of offset *and* speed) uses all windows at once, so that no window needs a peak of its own.
"""

from dataclasses import dataclass

import numpy as np

from videoalignment.align.footage import Footage
from videoalignment.align.search import Candidate

KNOWN_SPEEDS = (1.0, 24 / 25, 25 / 24, 1000 / 1001, 1001 / 1000, 0.5, 2.0)
_MOST_WINDOWS = 64
_WINDOW_S = 1.5
_LEAST_WINDOWS = 4
_BOOTSTRAPS = 100


@dataclass(frozen=True)
class Fit:
    """A candidate after refinement: moment t of A is moment offset_s + t * speed of B."""

    offset_s: float
    speed: float
    uncertainty_s: float
    """1.96 standard deviations of the offset, over resampled windows."""
    speed_uncertainty: float
    correlation: float
    """Mean correlation of the windows at this offset, -1..1."""


@dataclass(frozen=True)
class _Round:
    """How far and how finely a round of refinement looks."""

    reach_s: float
    step_s: float
    speed_reach: float


def refine(a: Footage, b: Footage, candidate: Candidate) -> Fit:
    """Refine a candidate.

    Args:
        a: the shorter video, whitened.
        b: the longer video, whitened.
        candidate: within 0.3 s and, over the overlap, a few percent of the truth.
    """
    offset_s, speed = candidate.offset_s, candidate.speed
    for step in (_Round(0.5, 0.02, 0.06), _Round(0.12, 0.005, 0.01)):
        windows = _Windows.along(a, b, offset_s, speed)
        curves = windows.curves(a, b, offset_s, speed, step)
        shift_s, speed_change, correlation = _best_line(curves, windows.lever_s, step)
        speed += speed_change
        offset_s += shift_s - speed_change * windows.middle_s
    return _settled(curves, windows, step, offset_s, speed, correlation)


@dataclass(frozen=True)
class _Windows:
    """Where to look closely."""

    begins_s: np.ndarray
    length_s: float

    @classmethod
    def along(cls, a: Footage, b: Footage, offset_s: float, speed: float) -> "_Windows":
        """Windows of A, evenly over what it shares with B."""
        begin_s = max(a.begin_s, (b.begin_s - offset_s) / speed)
        end_s = min(a.end_s, (b.end_s - offset_s) / speed)
        length_s = min(_WINDOW_S, (end_s - begin_s) / _LEAST_WINDOWS)
        count = min(_MOST_WINDOWS, int((end_s - begin_s) / length_s))
        return cls(np.linspace(begin_s, end_s - length_s, count), length_s)

    @property
    def middle_s(self) -> float:
        """The moment of A about which speed turns the line."""
        return float(self.begins_s.mean()) + self.length_s / 2

    @property
    def lever_s(self) -> np.ndarray:
        """How far each window is from the middle, shape (k,)."""
        return self.begins_s - self.begins_s.mean()

    def curves(
        self, a: Footage, b: Footage, offset_s: float, speed: float, step: _Round
    ) -> np.ndarray:
        """Products of each window with B at lags -reach..reach, and energies: shape (k, lags)."""
        bins = max(4, round(self.length_s * speed / step.step_s))
        lags = round(step.reach_s / step.step_s)
        edges_s = self.begins_s[:, None] + np.arange(bins + 1) * step.step_s / speed
        windows = a.averaged(edges_s)
        windows -= windows.mean(axis=1, keepdims=True)
        around_s = offset_s + speed * self.begins_s[:, None]
        places = b.averaged(around_s + np.arange(-lags, bins + lags + 1) * step.step_s)
        places -= places.mean(axis=1, keepdims=True)
        similarity = windows @ places.transpose(0, 2, 1)
        return (
            np.stack(
                [
                    similarity[:, np.arange(bins), lag + np.arange(bins)].sum(axis=1)
                    for lag in range(2 * lags + 1)
                ],
                axis=1,
            )
            / np.sqrt(
                (np.square(windows).sum(axis=(1, 2)) + 0.05 * bins)
                * (np.square(places).sum(axis=(1, 2)) * bins / places.shape[1] + 0.05 * bins)
            )[:, None]
        )


def _best_line(
    curves: np.ndarray, lever_s: np.ndarray, step: _Round, speeds: np.ndarray | None = None
) -> tuple[float, float, float]:
    """Shift and speed change with the highest mean along the line, and that mean."""
    span_s = max(np.ptp(lever_s), 1e-3)
    if speeds is None:
        reach = min(step.speed_reach, 2 * step.reach_s / span_s)
        count = int(np.ceil(reach * span_s / step.step_s))
        speeds = np.linspace(-reach, reach, 2 * count + 1) if count else np.zeros(1)
    lags_s = (np.arange(curves.shape[1]) - curves.shape[1] // 2) * step.step_s
    sums = np.stack([_sheared_mean(curves, speed * lever_s / step.step_s) for speed in speeds])
    row, column = np.unravel_index(np.argmax(sums), sums.shape)
    shift_s = lags_s[column] + step.step_s * _vertex(sums[row], column)
    speed = speeds[row]
    if len(speeds) > 1:
        speed += (speeds[1] - speeds[0]) * _vertex(sums[:, column], row)
    return float(shift_s), float(speed), float(sums[row, column])


def _sheared_mean(curves: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Mean over windows of curves read at lag + shift (in steps, linear between), shape (lags,)."""
    lags = np.arange(curves.shape[1])
    return np.mean(
        [np.interp(lags + shift, lags, curve) for curve, shift in zip(curves, shifts, strict=True)],
        axis=0,
    )


def _vertex(values: np.ndarray, index: int) -> float:
    """Where the parabola through a maximum and its neighbours peaks, -0.5..0.5 steps from it."""
    if not 0 < index < len(values) - 1:
        return 0.0
    before, at, after = values[index - 1 : index + 2]
    curvature = before - 2 * at + after
    return float(np.clip((before - after) / (2 * curvature), -0.5, 0.5)) if curvature < 0 else 0.0


def _settled(
    curves: np.ndarray,
    windows: _Windows,
    step: _Round,
    offset_s: float,
    speed: float,
    correlation: float,
) -> Fit:
    """The fit with its uncertainty; a well-known speed replaces one that cannot be told from it."""
    generator = np.random.default_rng(0)
    shifts, speeds = [], []
    for _ in range(_BOOTSTRAPS):
        drawn = generator.integers(len(curves), size=len(curves))
        shift_s, change, _ = _best_line(curves[drawn], windows.lever_s[drawn], step)
        shifts.append(shift_s - change * windows.middle_s)
        speeds.append(change)
    speed_uncertainty = 1.96 * float(np.std(speeds)) + 1e-4
    for known in KNOWN_SPEEDS:
        if abs(speed - known) < speed_uncertainty:
            offset_s += (speed - known) * windows.middle_s
            speed = known
            break
    return Fit(offset_s, speed, 1.96 * float(np.std(shifts)), speed_uncertainty, correlation)
