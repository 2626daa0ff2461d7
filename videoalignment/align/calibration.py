"""From measured numbers to a probability."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Calibration:
    """A logistic model, fitted by one of the programs benchmarks/calibrate_*.py."""

    weights: tuple[float, ...]
    """One a measure."""
    intercept: float
    settings: str
    """Digest of the settings that it was fitted with; with others it means nothing."""

    def log_odds(self, numbers: np.ndarray) -> np.ndarray:
        """What measures, shape (..., weights), say: the logarithm of odds, shape (...)."""
        odds: np.ndarray = self.intercept + numbers @ np.array(self.weights)
        return odds

    def probability(self, numbers: np.ndarray) -> float:
        """The probability, 0..1, that goes with measures, shape (weights,)."""
        return 1 / (1 + math.exp(-float(self.log_odds(numbers))))
