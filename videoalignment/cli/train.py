"""`videoalignment train`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from videoalignment.cli.answer import check_file
from videoalignment.cli.outputs import check_folder
from videoalignment.errors import OptionError

if TYPE_CHECKING:
    from videoalignment.train import Trained

_OF_MODEL = ("T", "m", "norm", "beta")
_SUFFIX = ".safetensors"


def train(
    *,
    source: str,
    out: Path,
    results_dir: Path | None,
    fold_index: int | None,
    longest_frames: int | None,
    shortest_period: float | None,
    whiten: bool | None,
    device: str,
    **options: Any,
) -> None:
    """Train a kernel, write its weights, and print how it does before and after.

    While it trains, a checkpoint lies beside the file of weights; broken off, it goes on there.
    """
    check_file("out", out, [], (_SUFFIX,))
    check_folder("out", out.parent)
    if results_dir is not None:
        check_folder("results_dir", results_dir)
    from videoalignment.present.training import training_text, write_training
    from videoalignment.train import TrainingSettings

    given = {name: value for name, value in options.items() if value is not None}
    of_model = {name: given.pop(name) for name in _OF_MODEL if name in given}
    checkpoint = out.with_name(f"{out.stem}.checkpoint{_SUFFIX}")
    trained = _trainer(source)(
        model_options=of_model,
        fold_index=fold_index or 0,
        longest_frames=longest_frames,
        shortest_period=shortest_period,
        settings=TrainingSettings(whiten=bool(whiten), **given),
        device=device,
        checkpoint=checkpoint,
    )
    trained.weights.write(out)
    if results_dir is not None:
        write_training(results_dir, trained)
    checkpoint.unlink(missing_ok=True)
    print(training_text(trained, out))


def _trainer(source: str) -> "Callable[..., Trained]":
    """What trains on a dataset of that name, or on a folder of videos."""
    from functools import partial

    from videoalignment.datasets import DATASETS
    from videoalignment.train import train_lamv, train_on_videos

    if source in DATASETS or (":" in source and not Path(source).exists()):
        return partial(train_lamv, DATASETS[source])
    if Path(source).is_dir():
        return partial(train_on_videos, Path(source))
    raise OptionError(
        f"`source` {source}: neither a folder of videos nor one of {', '.join(DATASETS)}"
    )
