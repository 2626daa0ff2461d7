"""Options of training a kernel."""

from pathlib import Path

from videoalignment.cli.declare import Option, panel
from videoalignment.cli.options.evaluate import period
from videoalignment.cli.options.shared import FOLDER, TRAIN
from videoalignment.eval.options import NORMALISATION_NAMES

_KERNEL, _TRAINING = "Kernel", "Training"

TRAIN_OPTIONS = (
    *panel(
        "Data",
        (TRAIN,),
        Option(
            "source",
            "a dataset with features, or a folder of videos, out of which clips are cut and edited",
            own_class=True,
            metavar="DATASET_OR_FOLDER",
        ),
        Option(
            "out",
            "gets the weights, for evaluate --lamv-weights; .safetensors",
            kind=Path,
            metavar="FILE",
            required=True,
        ),
        Option("results_dir", "gets results.json, before and after, and plot.png", **FOLDER),
        Option(
            "fold_index",
            "the fold, or the part of the clips, that training is stopped by",
            kind=int,
            shown_default="0",
        ),
    ),
    *panel(
        _KERNEL,
        (TRAIN,),
        Option(
            "T",
            "periods in feature frames; auto for the documented set that goes with the longest "
            "video",
            kind=period,
            metavar="N",
            words="+",
            shown_default="auto",
        ),
        Option(
            "longest_frames",
            "feature frames of the longest video that the kernel is for: offsets up to that are "
            "searched",
            kind=int,
            shown_default="the dataset's longest",
        ),
        Option(
            "shortest_period",
            "search for periods from this one on, in feature frames; short ones place better, long "
            "ones resonate less",
            kind=float,
            shown_default="the documented set",
        ),
        Option("m", "frequencies a period, where T is not auto", kind=int, shown_default="16"),
        Option("norm", "normalisation", choices=NORMALISATION_NAMES, shown_default="feat_freq"),
        Option(
            "beta",
            "concentration of the window that weighs frequencies, where T is not auto",
            kind=float,
            shown_default="32",
        ),
    ),
    *panel(
        _TRAINING,
        (TRAIN,),
        Option("epochs", "at most", kind=int, shown_default="60"),
        Option(
            "patience",
            "epochs without a gain on the clips to stop by after which it ends",
            kind=int,
            shown_default="12",
        ),
        Option("learning_rate", "of the weights' logarithms", kind=float, shown_default="0.05"),
        Option("whiten", "learn whitenings too, one a period; far slower", kind=bool),
        Option("seed", "of all that is drawn", kind=int, shown_default="0"),
    ),
)
