"""Describing files on a Ray cluster; what comes back is written by the process that asked."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from videoalignment.errors import MissingExtraError, UnusableFileError
from videoalignment.index.adding import Described, Describer, described_file
from videoalignment.index.whitening import Whitening

LOCAL = "local"
"""The address of a cluster of this machine alone, which ends with the process."""
_WAITING_A_CORE = 2


def cluster_describer(address: str, whitening: Whitening, device: str = "auto") -> Describer:
    """What describes files on a cluster whose machines see them under the same paths.

    Args:
        address: as ray://host:10001, or "local".
        whitening: of the index.
        device: where each machine computes.

    Raises:
        MissingExtraError: Ray is not installed.
        UnusableFileError: there is no cluster at the address.
    """
    try:
        import ray
    except ImportError:
        raise MissingExtraError("Ray", "ray") from None
    if not ray.is_initialized():
        try:
            ray.init(None if address == LOCAL else address, log_to_driver=False)
        except Exception as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise UnusableFileError(
                f"{address}: no Ray cluster there ({lines[0][:200]})"
            ) from error
    about = ray.put(whitening.to_json())
    remote = ray.remote(_described)
    most = max(2, int(_WAITING_A_CORE * ray.cluster_resources().get("CPU", 1)))

    def describe_there(files: Iterable[tuple[Path, str]]) -> Iterator[Described]:
        coming = iter(files)
        waiting = {
            remote.remote(os.fspath(p), c, about, device): p for p, c in islice(coming, most)
        }
        while waiting:
            done, _ = ray.wait(list(waiting), num_returns=1)
            path = waiting.pop(done[0])
            yield _result(ray, done[0], path)
            for p, content in islice(coming, 1):
                waiting[remote.remote(os.fspath(p), content, about, device)] = p

    return describe_there


def _described(path: str, content: str, about: str, device: str) -> Described:
    """What a machine of the cluster does."""
    return described_file(Path(path), content, Whitening.from_json(about), device)


def _result(ray: Any, reference: Any, path: Path) -> Described:
    try:
        result: Described = ray.get(reference)
    except Exception as error:  # a machine is gone, or lacks the package
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return Described(path, failure=f"{path}: failed on the cluster ({lines[-1][:200]})")
    return result
