"""Reads each file of a folder as its suffix says, with little memory; prints what came of each.

Run by the tests as a program of its own, because what is tested here may be a crash. One line of
JSON a file: its name, "worked" or the kind of error, the message, and the memory at its height.
"""

import json
import resource
import sys
from pathlib import Path

import numpy as np
import torch

from videoalignment.errors import VideoAlignmentError
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.store import read_descriptors, read_features
from videoalignment.pca import read_whitening

_MOST_MEMORY = 3 << 30
_LONGEST_S = 20


def read(path: Path, mean: Path, matrix: Path) -> bool:
    """Read a file; returns whether all that it gave are numbers."""
    if path.suffix == ".npz":
        features = read_features(path)
        return all(
            np.isfinite(values).all()
            for values in (features.descriptors, features.times_s, features.duration_s)
        )
    if path.suffix in (".pkl", ".npy"):
        return bool(np.isfinite(read_descriptors(path)).all())
    if path.suffix == ".pth":
        FrameDescriber("efficientnet_lite0", 1, weights=path)
        return True
    whitening = read_whitening(*((path, matrix) if "mean" in path.stem else (mean, path)))
    rows = torch.nn.functional.normalize(torch.randn(5, whitening.mean.shape[1]), dim=1)
    return bool(whitening(rows).isfinite().all())


def main(folder: Path, mean: Path, matrix: Path) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
    for path in sorted(folder.iterdir()):
        used_s = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        resource.setrlimit(resource.RLIMIT_CPU, (int(used_s) + _LONGEST_S, -1))
        print(json.dumps({"name": path.name}), flush=True)
        try:
            kind, message = "worked" if read(path, mean, matrix) else "no numbers", ""
        except VideoAlignmentError as error:
            kind, message = "refused", str(error)
        except BaseException as error:
            kind, message = type(error).__name__, str(error)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({"kind": kind, "message": message, "kilobytes": most}), flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
