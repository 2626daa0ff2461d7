"""Features of a folder tree of videos, and a whitening trained on one.

A folder may be extracted by several processes at once, and again after a break: what exists is
skipped, and every file appears whole or not at all. What exists but was made in another way is
neither skipped nor mixed with the new.
"""

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from videoalignment.devices import choose_device
from videoalignment.errors import (
    FeatureMismatchError,
    OptionError,
    UnusableFileError,
    VideoAlignmentError,
)
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.extract import extract_video
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.features.outcome import Outcome
from videoalignment.features.sidecar import SIDECAR, Making, read_sidecar, write_sidecar
from videoalignment.features.store import FORMATS, read_recipe, write_features
from videoalignment.features.train import TrainingSample, gather_training
from videoalignment.features.unfinished import PART_EVERY_S, Unfinished
from videoalignment.media.frames import check_sampling
from videoalignment.media.video_files import VideoFile, find_videos
from videoalignment.pca import load_whitening, save_whitening, whitening_paths
from videoalignment.progress import Progress
from videoalignment.provenance import FeatureRecipe

__all__ = [
    "ExtractionOptions",
    "NetworkOptions",
    "Outcome",
    "TrainedPca",
    "TrainingSample",
    "extract_all",
    "extract_features",
    "train_pca",
]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NetworkOptions:
    """Which network describes frames, and how; see `FrameDescriber`."""

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
            device=str(choose_device(self.device)),
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
    part_every_s: float = PART_EVERY_S
    """Seconds of work on one video that an interruption may lose."""

    def __post_init__(self) -> None:
        check_sampling(self.fps, self.image_area)
        if self.format not in FORMATS:
            raise OptionError(f"`format` {self.format!r}: expected one of {', '.join(FORMATS)}")


@dataclass(frozen=True)
class TrainedPca:
    """A whitening's files, and what it was trained on."""

    paths: tuple[Path, Path]
    """Of the mean and of the matrix."""
    outcome: Outcome
    existed: bool
    """Whether the files were there before, so that nothing was trained."""


def extract_features(
    source: str | os.PathLike,
    out_folder: str | os.PathLike,
    *,
    pca_prefix: str | None = None,
    network: NetworkOptions = NetworkOptions(),
    options: ExtractionOptions = ExtractionOptions(),
) -> Outcome:
    """Write the features of a video, or of a folder tree of videos.

    Args:
        source: a video or a folder.
        out_folder: gets rmac_BACKBONE_LEVEL/NAME.FORMAT for every video.
        pca_prefix: of the whitening's two files; None for no whitening.
        network: which network describes frames.
        options: what is read and written.

    Raises:
        VideoAlignmentError: nothing could be started; for one video of many, see
            `Outcome.failures`.
    """
    videos = find_videos(source)
    describer = network.describer()
    if pca_prefix is not None and not options.regional:
        describer.whiten_with(load_whitening(_prefix(pca_prefix, describer), describer.network))
    return extract_all(videos, Path(out_folder) / f"rmac_{describer.network}", describer, options)


def _prefix(pca_prefix: str, describer: FrameDescriber) -> str:
    return f"{pca_prefix}_sum" if describer.sum_before_pca else pca_prefix


def extract_all(
    videos: list[VideoFile],
    out_folder: str | os.PathLike,
    describer: FrameDescriber,
    options: ExtractionOptions = ExtractionOptions(),
    *,
    progress: Progress | None = None,
) -> Outcome:
    """Write one feature file a video; a video that fails does not stop the others.

    Args:
        videos: from `find_videos`.
        out_folder: gets NAME.FORMAT for every video, in the same folders.
        describer: the network, with its whitening.
        options: what is read and written.
        progress: advanced by one a video, instead of a line in the log for each.

    Raises:
        FeatureMismatchError: there are features made in another way; the message shows where they
            differ.
    """
    recipe = describer.recipe(
        image_area=options.image_area, max_fps=options.fps, regional=options.regional
    )
    targets = [Path(out_folder, f"{video.name}.{options.format}") for video in videos]
    _agree(targets, Making(recipe, options.fps), overwrite=options.overwrite)
    done, skipped, failures = 0, 0, []
    claimed: dict[Path, Path] = {}
    for number, (video, target) in enumerate(zip(videos, targets, strict=True), 1):
        first = claimed.setdefault(target, video.path)
        label = f"{number}/{len(videos)} {video.path.name}"
        if first != video.path:
            failures.append(f"{video.path}: has the name of {first}; rename one of them")
        elif _exists(target) and not options.overwrite:
            skipped += 1
        else:
            try:
                features = _extract_one(video.path, target, describer, options, label)
                done += 1
                if progress is None:
                    logger.info("%s  %s", target, _summary(features))
            except VideoAlignmentError as error:
                failures.append(str(error))
            except OSError as error:  # a full disk, a drive that was unplugged
                failures.append(f"{video.path}: {error.strerror or error}")
        if progress is not None:
            progress.advance()
    return Outcome(done, skipped, tuple(failures))


def _extract_one(
    video: Path, target: Path, describer: FrameDescriber, options: ExtractionOptions, label: str
) -> FrameFeatures:
    with Unfinished(target, video, every_s=options.part_every_s) as unfinished:
        features = extract_video(
            video,
            describer,
            fps=options.fps,
            image_area=options.image_area,
            regional=options.regional,
            threads=options.threads,
            allow_truncated=options.allow_truncated,
            label=label,
            unfinished=unfinished,
        )
        write_features(target, features)
    return features


def _summary(features: FrameFeatures) -> str:
    rows, width = features.descriptors.shape
    broken = features.truncated
    return f"{rows} x {width}" + (f", breaks off: {broken}" if broken else "")


# ------------------------------------------------------------------ what is there already


def _agree(targets: list[Path], making: Making, *, overwrite: bool) -> None:
    """Make sure that no target lies, or will lie, among features that were made in another way."""
    if targets[0].suffix == ".npz":
        for target in targets:
            if _exists(target) and not overwrite:
                _check_same(target, read_recipe(target), making.recipe)
        return
    for folder, group in groupby(sorted(targets), key=lambda target: target.parent):
        _agree_in_folder(folder, list(group), making, overwrite=overwrite)


def _agree_in_folder(
    folder: Path, targets: Iterable[Path], making: Making, *, overwrite: bool
) -> None:
    """The same for the .pkl and .npy files of a folder, of which its sidecar speaks."""
    if not overwrite:
        found = read_sidecar(folder)
        if found == making:
            return
        if _silent_files(folder):
            _check_same(folder, found.recipe if found else None, making.recipe)
    else:
        _clear(folder, targets, making)
    write_sidecar(folder, making)


def _clear(folder: Path, targets: Iterable[Path], making: Making) -> None:
    """Remove files that are to be overwritten where they were made in another way.

    All at once and before the sidecar changes, so that an interruption leaves none of which the
    sidecar speaks wrongly.
    """
    try:
        same = read_sidecar(folder) == making
    except UnusableFileError:  # overwritten too
        same = False
    if same:
        return
    others = _silent_files(folder) - set(targets)
    if others:
        raise FeatureMismatchError(
            f"{min(others)}: may have been made in another way, and is not overwritten; "
            "give another `out_folder`"
        )
    try:
        for target in targets:
            target.unlink(missing_ok=True)
    except OSError as error:
        raise UnusableFileError(f"{target}: cannot be removed ({error.strerror})") from error


def _silent_files(folder: Path) -> set[Path]:
    """The feature files of a folder that cannot say how they were made."""
    return {path for suffix in ("pkl", "npy") for path in folder.glob(f"[!.]*.{suffix}")}


def _check_same(where: Path, found: FeatureRecipe | None, wanted: FeatureRecipe | None) -> None:
    """Refuse what was made in another way, or nobody knows how."""
    if found == wanted:
        return
    if found is None or wanted is None:
        how = f"nothing says how (no {SIDECAR})" if where.is_dir() else "it does not say how"
    else:
        pairs = found.differences(wanted).items()
        how = ", ".join(f"{name} {there!r}, not {here!r}" for name, (there, here) in pairs)
    raise FeatureMismatchError(
        f"{where}: there are features already, made in another way ({how}); `overwrite` makes them "
        "again, another `out_folder` keeps both"
    )


def _exists(target: Path) -> bool:
    try:
        return target.exists()
    except OSError:  # a name too long: writing will say so, for this video only
        return False


# ------------------------------------------------------------------ training


def train_pca(
    source: str | os.PathLike,
    pca_prefix: str,
    *,
    network: NetworkOptions = NetworkOptions(),
    sample: TrainingSample = TrainingSample(),  # noqa: B008
    dimensions: int = 512,
    threads: int = 0,
    overwrite: bool = False,
) -> TrainedPca:
    """Train a PCA whitening on a video, or on a folder tree of videos.

    Args:
        source: a video or a folder.
        pca_prefix: of the two files to write.
        network: which network describes frames.
        sample: which frames are taken.
        dimensions: to keep; at most as many as the network has channels.
        threads: that ffmpeg decodes with; 0 for as many as it likes.
        overwrite: train again where the files exist.

    Raises:
        VideoAlignmentError: nothing could be started, or no video could be read.
    """
    if dimensions < 1:
        raise OptionError(f"`dimensions` {dimensions}: expected 1 or more")
    videos = find_videos(source)
    describer = network.describer()
    prefix = _prefix(pca_prefix, describer)
    paths = whitening_paths(prefix, describer.network)
    if all(path.exists() for path in paths) and not overwrite:
        return TrainedPca(paths, Outcome(0, 0), existed=True)
    state = Path(f"{prefix}_unfinished_{describer.network}.npz")
    sums, outcome = gather_training(videos, state, describer, sample=sample, threads=threads)
    if sums.count == 0:
        state.unlink(missing_ok=True)
        raise UnusableFileError(
            "; ".join([f"{source}: nothing to train on", *outcome.failures[:1]])
        )
    kept = min(dimensions, describer.channels)
    if sums.count <= kept:
        logger.warning(
            "%d descriptors span fewer than %d dimensions; train on more video, or lower "
            "`dimensions`",
            sums.count,
            kept,
        )
    save_whitening(sums.fit(dimensions), prefix, describer.network)
    state.unlink(missing_ok=True)
    return TrainedPca(paths, outcome, existed=False)
