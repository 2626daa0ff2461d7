"""A training for people and programs: what it says, results.json, the curve of loss."""

from pathlib import Path
from typing import TYPE_CHECKING

from videoalignment.files import whole_file, whole_path
from videoalignment.present.document import as_json
from videoalignment.train.run import Trained, results_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from videoalignment.train.look import Look

_COLOURS = ("#2a6f97", "#d1495b")
_ROWS = (
    ("pairs placed within 0.1 s", "below_100_ms"),
    ("pairs placed within 1 s", "below_1_s"),
    ("pairs above unrelated clips", "related_first"),
)


def training_text(trained: Trained, path: Path) -> str:
    """What people see at the end of a training.

    Args:
        trained: a finished one.
        path: of the file of weights.
    """
    record = trained.weights.training
    clips, pairs = record["clips"], record["pairs"]
    lines = [
        f"{clips['train']} clips, {pairs['train']} pairs to learn from; "
        f"{clips['val']} clips, {pairs['val']} pairs to stop by",
        "",
        f"{'on the clips to stop by':28}  before   after",
    ]
    for label, name in _ROWS:
        cells = (_percent(look, name) for look in _ends(trained))
        lines.append(f"{label:28}{''.join(f'{cell:>8}' for cell in cells)}")
    losses = "".join(f"{look.loss:8.3f}" for look in _ends(trained))
    lines.append(f"{'loss':28}{losses}")
    gained = f"after {trained.best} of {record['epochs']} epochs"
    if not trained.best:
        gained = f"nothing gained in {record['epochs']} epochs: the weights are those of the start"
    return "\n".join([*lines, "", f"wrote {path} ({gained})"])


def _ends(trained: Trained) -> "tuple[Look, Look]":
    return trained.before.validation, trained.after.validation


def _percent(look: "Look", name: str) -> str:
    share: float | None = getattr(look, name)
    return "-" if share is None else f"{100 * share:.1f} %"


def write_training(folder: Path, trained: Trained) -> None:
    """Write results.json and plot.png into a folder.

    Raises:
        UnusableFileError: a file cannot be written.
    """
    with whole_path(folder / "plot.png") as path:
        training_figure(trained).savefig(path, dpi=150)
    with whole_file(folder / "results.json", "w", encoding="utf-8") as file:
        file.write(as_json(results_json(trained)))


def training_figure(trained: Trained) -> "Figure":
    """Draw the losses over the epochs, and the weights over the frequency."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.4), layout="constrained")
    losses, weights = figure.subplots(1, 2)
    numbers = range(len(trained.history))
    validation = [epoch.validation.loss for epoch in trained.history]
    learnt = [epoch.loss for epoch in trained.history if epoch.loss is not None]
    losses.plot(numbers, validation, color=_COLOURS[1], label="clips to stop by")
    losses.plot(numbers[1:], learnt, color=_COLOURS[0], label="clips to learn from, changed")
    losses.axvline(trained.best, color="0.6", linestyle="--", linewidth=1)
    losses.annotate("kept", (trained.best, max(validation)), color="0.4", fontsize=8)
    losses.set(xlabel="epoch", ylabel="loss", ylim=(0, None))
    losses.legend(fontsize=8)
    learnt_weights = trained.weights
    for period, row in zip(
        learnt_weights.kernel.periods, learnt_weights.weights.tolist(), strict=True
    ):
        turns = [15 * i / period for i in range(len(row))]
        weights.plot(turns, row, ".-", linewidth=0.8, label=f"{period:g}")
    weights.axhline(1, color="0.6", linestyle="--", linewidth=1)
    weights.set(xlabel="frequency (turns a second)", ylabel="learnt weight", ylim=(0, None))
    weights.legend(title="period", fontsize=7, ncols=2)
    for axes, title in ((losses, "loss"), (weights, "what was learnt")):
        axes.set_title(title, loc="left", weight="bold")
        axes.spines[["top", "right"]].set_visible(False)
    return figure
