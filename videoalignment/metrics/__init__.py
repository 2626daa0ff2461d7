"""Metrics on arrays and records: pure functions, a module a family.

- `ranking`: localisation, average precision, precision and recall of detections, and the bootstrap
  over queries, as the published evaluation needs them;
- `vcsl`: copied segments of pairs of videos, as VCSL scores them;
- `vsc`: matches of the Meta AI video similarity challenge, VSC2022.
"""

from videoalignment.metrics.ranking import (
    PrecisionRecall,
    WeightedPrecisionRecall,
    average_precision,
    bootstrap_interval,
    mean_interval,
    precision_recall,
    share_below,
)

__all__ = [
    "PrecisionRecall",
    "WeightedPrecisionRecall",
    "average_precision",
    "bootstrap_interval",
    "mean_interval",
    "precision_recall",
    "share_below",
]
