"""`videoalignment evaluate` and main.py."""

from pathlib import Path
from typing import Any

from videoalignment.cli.outputs import check_folder
from videoalignment.errors import OptionError
from videoalignment.eval.options import EvaluationOptions


def evaluate(
    *,
    summary: Path | None,
    dataset: str | None,
    output_dir: Path | None,
    own: list[tuple[str, Any]] | None,
    chunk_randomly: int | None,
    tmk_init: str | None,
    **options: Any,
) -> None:
    """Run an evaluation and print its table, or print the table over earlier ones.

    `chunk_randomly` has no effect, and `tmk_init` has one value only.
    """
    from videoalignment.present.results import (
        evaluation_text,
        format_table,
        read_results,
        write_results,
    )

    if summary is not None:
        print(format_table(read_results(summary)))
        return
    if dataset is None or output_dir is None:
        missing = "dataset" if dataset is None else "output_dir"
        raise OptionError(f"`{missing}` is missing (or give `summary`)")
    check_folder("output_dir", output_dir)  # now: an evaluation can take minutes
    from videoalignment.eval.run import run_evaluation

    evaluation = run_evaluation(EvaluationOptions(dataset, **options, own=dict(own or ())))
    print(evaluation_text(evaluation, write_results(evaluation, output_dir)))
