"""What the protocols share: from clips to their video descriptors, and all pairs matched."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby

import torch
from torch import Tensor

from videoalignment.datasets import FrameSequence, VideoDataset
from videoalignment.datasets.annotations import Clip
from videoalignment.matching import BestOffsets, best_offsets
from videoalignment.models import Model
from videoalignment.progress import Progress
from videoalignment.spectrum import Spectra
from videoalignment.workers import map_in_order

STAGES = ("features", "descriptors", "matching", "evaluation")


@dataclass(frozen=True)
class Run:
    """How an evaluation computes, and how long its stages take."""

    device: torch.device
    precision: torch.dtype = torch.float32
    """Of the products of descriptors; see `matching.best_offsets`."""
    seed: int = 0
    """Of the bootstrap intervals."""
    videos_ahead: int = 16
    """Videos whose features wait in memory; bounds the memory, not the result."""
    timings_s: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time that the block takes to a stage."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings_s[stage] += time.perf_counter() - started


def describe(
    dataset: VideoDataset, model: Model, clips: Sequence[Clip], run: Run, progress: Progress
) -> Iterator[tuple[Tensor, int]]:
    """Describe clips, in order; the features of successive clips of one video are read once.

    Args:
        dataset: where the clips' features are.
        model: on the device of `run`.
        clips: clips of the dataset.
        run: timings of "features" (waiting for files) and "descriptors" are added to it.
        progress: advanced by one a clip.

    Yields:
        A clip's descriptor, on the device of `run`, shape (1, ...), and its number of frames.
    """
    groups = [(video, list(group)) for video, group in groupby(clips, lambda clip: clip.video)]
    started, waited_s = time.perf_counter(), run.timings_s["features"]

    def sequences() -> Iterator[FrameSequence]:
        with run.timed("features"):
            dataset.frame_rates  # noqa: B018 (read now, so that their time counts here)
        reader = dataset.read_descriptors((video for video, _ in groups), run.videos_ahead)
        for _, group in groups:
            with run.timed("features"):
                features = next(reader)
            yield from (dataset.sequence(clip, features) for clip in group)

    @torch.inference_mode()
    def single_fv(sequence: FrameSequence) -> tuple[Tensor, int]:
        ts = torch.from_numpy(sequence.descriptors)[None].to(run.device)
        xs = torch.from_numpy(sequence.times)[None].to(run.device)
        return model.single_fv(ts, xs), len(sequence.times)

    threads = torch.get_num_threads() if run.device.type == "cpu" else 1
    for described in map_in_order(single_fv, sequences(), threads):
        run.timings_s["descriptors"] += time.perf_counter() - started
        yield described
        progress.advance()
        started = time.perf_counter()
    run.timings_s["descriptors"] -= run.timings_s["features"] - waited_s


def match_all(queries: Spectra, database: Spectra, longest: int, run: Run) -> BestOffsets:
    """Best offsets of all pairs among -L..L-1."""
    offsets = torch.arange(-longest, longest).float()
    pairs = len(queries) * len(database)
    with run.timed("matching"), Progress("matching", pairs, "pairs") as progress:
        return best_offsets(queries, database, offsets, precision=run.precision, progress=progress)
