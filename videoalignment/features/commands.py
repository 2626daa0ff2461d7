"""What `rmac_features.py` and `videoalignment features` do, once their arguments are parsed."""

import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from videoalignment.cli.console import EXIT_BAD_INPUT
from videoalignment.devices import choose_device
from videoalignment.errors import VideoAlignmentError
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.extract import Outcome, extract_all, extract_video
from videoalignment.features.train import TrainingSample, gather_training
from videoalignment.media.frames import check_sampling
from videoalignment.media.video_files import find_videos
from videoalignment.pca import Whitening, load_whitening, save_whitening, whitening_paths

NO_PCA = "none"


@dataclass(frozen=True)
class NetworkOptions:
    """Which network describes frames, and how."""

    backbone: str = "resnet34"
    level: int | None = None
    """Where it is cut; None for the backbone's default."""
    weights: Path | None = None
    """A file of its weights; None for the usual ones."""
    rmac_levels: int = 3
    sum_before_pca: bool = False
    precision: str = "float32"
    device: str = "auto"
    batch: int = 32

    def describer(self) -> FrameDescriber:
        """The network, ready to run, without whitening.

        Raises:
            VideoAlignmentError: an option has no such value, or the weights cannot be had.
        """
        return FrameDescriber(
            self.backbone,
            self.level,
            weights=self.weights,
            rmac_levels=self.rmac_levels,
            sum_before_pca=self.sum_before_pca,
            precision=self.precision,
            device=choose_device(self.device).type,
            batch=self.batch,
        )


@dataclass(frozen=True)
class ExtractionOptions:
    """What is read of each video, and what is written."""

    fps: float = 15.0
    image_area: float = 12000
    regional: bool = False
    threads: int = 0
    allow_truncated: bool = False
    format: str = "pkl"
    overwrite: bool = False

    def __post_init__(self) -> None:
        check_sampling(self.fps, self.image_area)  # also where every video was done before


def extract_features(
    source: str | os.PathLike,
    pca_prefix: str,
    out_folder: str | os.PathLike,
    network: NetworkOptions = NetworkOptions(),
    options: ExtractionOptions = ExtractionOptions(),
) -> int:
    """Write the features of a video, or of a folder tree of videos.

    What exists is skipped, whatever options it was made with.

    Args:
        source: a video or a folder.
        pca_prefix: of the whitening's two files, or `NO_PCA`.
        out_folder: gets rmac_BACKBONE_LEVEL/NAME.FORMAT for every video.
        network: which network describes frames.
        options: what is read and written.

    Returns:
        The exit status: 0, or 2 when a video failed.

    Raises:
        VideoAlignmentError: nothing could be started.
    """
    videos = find_videos(source)
    describer = network.describer()
    if pca_prefix != NO_PCA and not options.regional:
        describer.whiten_with(_whitening(pca_prefix, describer))
    extract = partial(
        extract_video,
        describer=describer,
        fps=options.fps,
        image_area=options.image_area,
        regional=options.regional,
        threads=options.threads,
        allow_truncated=options.allow_truncated,
    )
    outcome = extract_all(
        videos,
        Path(out_folder) / f"rmac_{describer.network}",
        extract,
        suffix=f".{options.format}",
        overwrite=options.overwrite,
    )
    before = "done before (with whatever options; --overwrite makes them again)"
    return _report(outcome, "extracted", before)


def train_pca(
    source: str | os.PathLike,
    pca_prefix: str,
    network: NetworkOptions = NetworkOptions(),
    sample: TrainingSample = TrainingSample(),  # noqa: B008
    *,
    dimensions: int = 512,
    threads: int = 0,
    overwrite: bool = False,
) -> int:
    """Train a PCA whitening on a video, or on a folder tree of videos.

    Args:
        source: a video or a folder.
        pca_prefix: of the two files to write.
        network: which network describes frames.
        sample: which frames are taken.
        dimensions: to keep; at most as many as the network has channels.
        threads: that ffmpeg decodes with; 0 for as many as it likes.
        overwrite: train again where the files exist.

    Returns:
        The exit status: 0, or 2 when a video failed.

    Raises:
        VideoAlignmentError: nothing could be started, or no video could be read.
    """
    if dimensions < 1:
        raise VideoAlignmentError(f"--pca_dimensions {dimensions}: must be 1 or more")
    videos = find_videos(source)
    describer = network.describer()
    prefix = _prefix(pca_prefix, describer)
    paths = whitening_paths(prefix, describer.network)
    if all(path.exists() for path in paths) and not overwrite:
        print(f"{paths[0]} and {paths[1]} exist; --overwrite trains them again")
        return 0
    state = Path(f"{prefix}_unfinished_{describer.network}.npz")
    sums, outcome = gather_training(videos, state, describer, sample=sample, threads=threads)
    kept = min(dimensions, describer.channels)
    if 0 < sums.count <= kept:
        print(
            f"warning: {sums.count} descriptors span fewer than {kept} dimensions; "
            "train on more video, or lower --pca_dimensions",
            file=sys.stderr,
        )
    status = _report(outcome, "trained on", "done before")
    for path in save_whitening(sums.fit(dimensions), prefix, describer.network):
        print(path)
    state.unlink(missing_ok=True)
    return status


def _prefix(pca_prefix: str, describer: FrameDescriber) -> str:
    return f"{pca_prefix}_sum" if describer.sum_before_pca else pca_prefix


def _whitening(pca_prefix: str, describer: FrameDescriber) -> Whitening:
    return load_whitening(_prefix(pca_prefix, describer), describer.network)


def _report(outcome: Outcome, verb: str, before: str) -> int:
    """Print what came of a run over videos; returns the exit status."""
    skipped = f", {outcome.skipped} {before}" if outcome.skipped else ""
    failed = f", {len(outcome.failures)} failed" if outcome.failures else ""
    print(f"{outcome.done} videos {verb}{skipped}{failed}", flush=True)
    for failure in outcome.failures:
        print(f"error: {failure}", file=sys.stderr)
    return EXIT_BAD_INPUT if outcome.failures else 0
