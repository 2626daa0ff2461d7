"""`videoalignment score`: anybody's predictions by the protocol of a benchmark."""

from pathlib import Path

from videoalignment.cli.answer import check_answer, check_file, print_answer
from videoalignment.cli.outputs import check_folder

_PICTURES = (".png", ".pdf", ".svg", ".jpg")


def score(
    *,
    protocol: str,
    predictions: Path,
    labels: Path,
    pairs: Path | None,
    json: Path | None,
    plot: Path | None,
    out: Path | None,
    seed: int,
) -> None:
    """Score predictions, print the table, and write what was asked for."""
    inputs = [predictions, labels, *([pairs] if pairs else [])]
    check_answer(json, inputs)
    if plot is not None:
        check_file("plot", plot, inputs, _PICTURES)
        check_folder("plot", plot.parent)
    if out is not None:
        check_folder("out", out)
    from videoalignment.eval.segment_scores import score_segments
    from videoalignment.present.scores import (
        scores_document,
        scores_text,
        write_scores,
        write_scores_plot,
    )

    scores = score_segments(protocol, predictions, labels, pairs, seed=seed)
    print_answer(json, lambda: scores_document(scores), lambda: scores_text(scores))
    if plot is not None:
        write_scores_plot(plot, scores)
    if out is not None:
        write_scores(out, scores)
