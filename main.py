#!/usr/bin/env python3
"""Evaluate a model on a dataset: parse, call, print."""

import argparse
from pathlib import Path

from videoalignment.cli.console import run_command
from videoalignment.eval.options import (
    NORMALISATION_NAMES,
    PRECISION_NAMES,
    EvaluationOptions,
)
from videoalignment.files import make_folder
from videoalignment.models import MODELS
from videoalignment.my_data import DATASETS


def parse_arguments() -> argparse.Namespace:
    """The command line; see `--help`."""
    parser = argparse.ArgumentParser(
        description="Evaluate a model on a dataset, from frame features on disk to the published "
        "table. Where the datasets lie: videoalignment/my_data.py.",
        epilog="example: python main.py --dataset_test Climbing --model TMK --output_dir results",
    )
    add = parser.add_argument
    add("--dataset_test", choices=list(DATASETS), help="the dataset")
    add("--model", choices=list(MODELS), default="TMK", help="the model (default: %(default)s)")
    add("--output_dir", type=Path, help="results go to DIR/MODEL_DATASET[_OPTIONS]")
    add("--summary", type=Path, metavar="DIR", help="print one table over all results in DIR")
    add = parser.add_argument_group("model").add_argument
    add(
        "--m",
        type=int,
        help="frequencies (default: 16 a period for TMK; 512 for CTE, as measured: "
        "more place a match better, fewer find short copies better)",
    )
    add("--T", type=int, nargs="+", help="periods of TMK, in frames")
    add("--norm", choices=NORMALISATION_NAMES, help="normalisation of TMK")
    add("--tmk_init", choices=["von_mises"], help="coefficients of TMK (default: von_mises)")
    add("--fft_length", type=int, help="length of CTE (default: twice the longest video)")
    add("--use_pca", type=int, choices=[0, 1], help="1: whiten the frames first (TMK)")
    add("--multiple_pca", type=int, choices=[0, 1], help="1: one whitening a period")
    add("--pca_mean", metavar="FILE", help="mean of the whitening, saved by torch")
    add("--pca_DVt", metavar="FILE", help="matrix of the whitening, saved by torch")
    add = parser.add_argument_group("data and protocol").add_argument
    add("--resnet_level", type=int, help="features lie in rmac_resnet34_LEVEL")
    add("--allow_missing", action="store_true", help="leave out videos without features")
    add("--phase", choices=["all", "train", "val"], default="all", help="clips of which phase")
    add("--fold_index", type=int, default=0, help="the fold that is val (default: 0)")
    add("--query_expansion", choices=["aqe", "don"], help="rank twice (EVVE)")
    add(
        "--rule",
        choices=["reference", "official"],
        help="what EVVE's rankings leave out: negatives (published) or ambiguous videos",
    )
    add = parser.add_argument_group("run").add_argument
    add("--device", choices=["auto", "cpu", "cuda"], default="auto", help="where to compute")
    add(
        "--precision",
        choices=PRECISION_NAMES,
        default="float32",
        help="of products of descriptors; the 16 bit ones keep 2 to 3 digits of a score, so close "
        "offsets and ranks may change places",
    )
    add("--seed", type=int, default=0, help="of the bootstrap intervals")
    add("--b_s", type=int, default=16, help="videos whose features wait in memory")
    add("--chunk_randomly", type=int, help="for training; accepted, an evaluation has no chunks")
    arguments = parser.parse_args()
    for required in ("dataset_test", "output_dir"):
        if arguments.summary is None and getattr(arguments, required) is None:
            parser.error(f"--{required} is missing (or give --summary)")
    return arguments


def evaluate(arguments: argparse.Namespace) -> None:
    """Run the evaluation that the command line asks for, or print the summary."""
    from videoalignment.present.results import (
        evaluation_text,
        format_table,
        read_results,
        write_results,
    )

    if arguments.summary is not None:
        print(format_table(read_results(arguments.summary)))
        return
    from videoalignment.eval.run import run_evaluation

    chosen = vars(arguments)
    names = EvaluationOptions.__dataclass_fields__.keys() & chosen.keys()
    options = EvaluationOptions(
        dataset=arguments.dataset_test,
        **{name: chosen[name] for name in names},
    )
    make_folder(arguments.output_dir)
    evaluation = run_evaluation(options)
    print(evaluation_text(evaluation, write_results(evaluation, arguments.output_dir)))


if __name__ == "__main__":
    parsed = parse_arguments()
    run_command(lambda: evaluate(parsed))
