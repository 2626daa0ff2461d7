"""Options of evaluating a model on a dataset."""

import ast
from typing import Any

from videoalignment.cli.declare import Option, panel
from videoalignment.cli.options.shared import COMPUTING, EVALUATE, FOLDER, LEVEL
from videoalignment.datasets import DATASETS
from videoalignment.eval.methods import METHODS
from videoalignment.eval.options import NORMALISATION_NAMES, PRECISION_NAMES

DATA, MODEL = "Data and protocol", "Model"
SWITCH: dict[str, Any] = {"kind": int, "choices": ("0", "1"), "shown_default": "0"}


def name_and_value(word: str) -> tuple[str, Any]:
    """A word NAME=VALUE; the value is a number or another literal of Python where it is one."""
    name, equals, value = word.partition("=")
    if not (name and equals):
        raise ValueError("no NAME=VALUE")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return name, value


def period(word: str) -> int | float | str:
    """A period in feature frames, a whole number where it is one, or auto."""
    if word == "auto":
        return word
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError:
        raise ValueError("neither a number nor auto") from None


EVALUATION_OPTIONS = (
    *panel(
        DATA,
        (EVALUATE,),
        Option(
            "dataset",
            "the dataset; videoalignment/my_data.py says where it lies",
            name="dataset_test",
            choices=tuple(DATASETS),
            own_class=True,
        ),
        Option(
            "output_dir", "results go to a folder of their own in it, MODEL_DATASET_...", **FOLDER
        ),
        Option("summary", "only print one table over all results in DIR", **FOLDER),
        Option("resnet_level", "features lie in rmac_resnet34LEVEL", shown_default="29", **LEVEL),
        Option("allow_missing", "leave out videos without features", kind=bool),
        Option(
            "phase", "clips of which phase", choices=("all", "train", "val"), shown_default="all"
        ),
        Option("fold_index", "the fold that is val", kind=int, shown_default="0"),
        Option("query_expansion", "rank twice (EVVE)", choices=("aqe", "don")),
        Option(
            "rule",
            "what EVVE's rankings leave out: negatives (published) or ambiguous videos",
            choices=("reference", "official"),
            shown_default="reference",
        ),
        Option(
            "timeline",
            "1: solve the offsets of all pairs together, too, and report localisation before and "
            "after (Climbing, Madonna, Demo)",
            **SWITCH,
        ),
    ),
    *panel(
        MODEL,
        (EVALUATE,),
        Option(
            "model",
            "the model, or align on VCSL and VSC",
            choices=tuple(METHODS),
            own_class=True,
            default="TMK",
        ),
        Option(
            "m",
            "frequencies; CTE's were measured: more place a match better, fewer find short copies "
            "better",
            kind=int,
            shown_default="16 a period for TMK, 512 for CTE",
        ),
        Option(
            "T",
            "periods of TMK and LAMV, in feature frames; auto for the documented set without high "
            "false peaks that goes with the dataset's longest video",
            kind=period,
            metavar="N",
            words="+",
            shown_default="9767 2731 1039 253",
        ),
        Option(
            "norm",
            "normalisation of TMK",
            choices=NORMALISATION_NAMES,
            shown_default="feat_freq",
        ),
        Option(
            "tmk_init", "coefficients of TMK", choices=("von_mises",), shown_default="von_mises"
        ),
        Option(
            "fft_length",
            "length of CTE, in feature frames",
            kind=int,
            shown_default="twice the longest video",
        ),
        Option(
            "beta",
            "concentration of the window that weighs TMK's frequencies",
            kind=float,
            shown_default="32",
        ),
        Option(
            "lamv_weights",
            "what LAMV has learnt: a file that videoalignment train wrote; none for an untrained "
            "one, which is TMK",
            metavar="FILE",
            shown_default="those of the package for such features, where there are some",
        ),
        Option("use_pca", "1: whiten the frames first (TMK)", **SWITCH),
        Option("multiple_pca", "1: one whitening a period", **SWITCH),
        Option("pca_mean", "mean of the whitening, saved by torch", metavar="FILE"),
        Option("pca_DVt", "matrix of the whitening, saved by torch", metavar="FILE"),
        Option(
            "own",
            "options that only a model or a protocol of your own takes",
            kind=name_and_value,
            metavar="NAME=VALUE",
            words="+",
        ),
    ),
    *panel(
        COMPUTING,
        (EVALUATE,),
        Option(
            "precision",
            "of products of descriptors; the 16 bit ones keep 2 to 3 digits of a score, so close "
            "offsets and ranks may change places",
            choices=PRECISION_NAMES,
            shown_default="float32",
        ),
        Option("seed", "of the bootstrap intervals", kind=int, shown_default="0"),
        Option("b_s", "videos whose features wait in memory", kind=int, shown_default="16"),
        Option(
            "chunk_randomly",
            "for training; accepted, an evaluation has no chunks",
            kind=int,
        ),
    ),
)
