"""`videoalignment evaluate`, the evaluation of `main.py`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from videoalignment.errors import VideoAlignmentError
from videoalignment.eval.options import (
    NORMALISATION_NAMES,
    PRECISION_NAMES,
    EvaluationOptions,
)
from videoalignment.files import make_folder
from videoalignment.models import MODELS
from videoalignment.my_data import DATASETS

EXAMPLES = """Examples:

videoalignment evaluate --dataset_test Climbing --model TMK --output_dir results

videoalignment evaluate --dataset_test EVVE --query_expansion aqe --output_dir results

videoalignment evaluate --summary results

main.py does the same and has all options, those for experiments with the kernels too.
"""


def evaluate(
    dataset_test: Annotated[
        Literal[tuple(DATASETS)] | None,
        typer.Option("--dataset_test", help="The dataset; my_data.py says where it lies."),
    ] = None,
    output_dir: Annotated[
        Path | None,
        typer.Option(
            "--output_dir", metavar="DIR", help="Results go to a folder of their own in it."
        ),
    ] = None,
    model: Annotated[Literal[tuple(MODELS)], typer.Option(help="The model.")] = "TMK",
    m: Annotated[
        int | None, typer.Option(help="Frequencies: by default 16 a period for TMK, 512 for CTE.")
    ] = None,
    norm: Annotated[
        Literal[NORMALISATION_NAMES] | None, typer.Option(help="Normalisation of TMK.")
    ] = None,
    query_expansion: Annotated[
        Literal["aqe", "don"] | None, typer.Option("--query_expansion", help="Rank twice (EVVE).")
    ] = None,
    rule: Annotated[
        Literal["reference", "official"] | None,
        typer.Option(help="What EVVE's rankings leave out: negatives or ambiguous videos."),
    ] = None,
    resnet_level: Annotated[
        int | None, typer.Option("--resnet_level", help="Features lie in rmac_resnet34_LEVEL.")
    ] = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow_missing", help="Leave out videos without features.")
    ] = False,
    phase: Annotated[
        Literal["all", "train", "val"], typer.Option(help="Clips of which phase.")
    ] = "all",
    fold_index: Annotated[int, typer.Option("--fold_index", help="The fold that is val.")] = 0,
    precision: Annotated[
        Literal[PRECISION_NAMES], typer.Option(help="Of products of descriptors.")
    ] = "float32",
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where to compute.")
    ] = "auto",
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.")] = 0,
    summary: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Only print one table over all results in DIR."),
    ] = None,
) -> None:
    """Evaluate a model on a dataset, from frame features on disk to the published table."""
    if summary is None and (dataset_test is None or output_dir is None):
        raise VideoAlignmentError("give --dataset_test and --output_dir, or --summary")
    from videoalignment.present.results import (
        evaluation_text,
        format_table,
        read_results,
        write_results,
    )

    if summary is not None:
        print(format_table(read_results(summary)))
        return
    from videoalignment.eval.run import run_evaluation

    options = EvaluationOptions(
        dataset=dataset_test,
        model=model,
        m=m,
        norm=norm,
        query_expansion=query_expansion,
        rule=rule,
        resnet_level=resnet_level,
        allow_missing=allow_missing,
        phase=phase,
        fold_index=fold_index,
        precision=precision,
        device=device,
        seed=seed,
    )
    make_folder(output_dir)
    evaluation = run_evaluation(options)
    print(evaluation_text(evaluation, write_results(evaluation, output_dir)))
