"""Options of describing the frames of videos, and of training a whitening on them."""

from pathlib import Path

from videoalignment.cli.declare import Option, panel
from videoalignment.cli.options.shared import (
    ALIGN,
    COMPUTING,
    FEATURES,
    FILE,
    FILES,
    LEVEL,
    NETWORK,
    RMAC_FEATURES,
    SYNC,
    TRAIN_PCA,
    VIDEOS,
)
from videoalignment.features import BACKBONES

FRAMES = "Frames"

FEATURE_OPTIONS = (
    *panel(
        FILES,
        VIDEOS,
        Option("source", "a video, or a tree of folders", kind=Path, metavar="VIDEO_OR_FOLDER"),
        Option(
            "pca_prefix",
            "path of the two PCA files up to _mean_ and _Dvt_; none for no whitening",
            name="pca",
            metavar="PCA_PREFIX",
        ),
        Option("overwrite", "do again what is there already", kind=bool),
    ),
    *panel(
        FILES,
        (FEATURES,),
        Option(
            "out_folder",
            "gets rmac_BACKBONE_LEVEL/NAME, a file a video",
            kind=Path,
            metavar="OUT_FOLDER",
        ),
        Option(
            "format",
            "of the files; npz keeps the frames' times too",
            choices=("pkl", "npy", "npz"),
            default="npz",
            published_default="pkl",
        ),
    ),
    *panel(
        FILES,
        (RMAC_FEATURES,),
        Option("train_pca", "train the PCA on the videos, extract nothing", kind=bool),
    ),
    *panel(
        NETWORK,
        (ALIGN, SYNC, *VIDEOS),
        Option(
            "backbone",
            "network that describes the frames; efficientnet_lite0 needs no download",
            choices=tuple(BACKBONES),
            own_class=True,
            default="efficientnet_lite0",
            published_default="resnet34",
        ),
    ),
    *panel(
        NETWORK,
        VIDEOS,
        Option(
            "level",
            "where the network is cut, this level inclusive",
            shown_default="the network's usual one",
            **LEVEL,
        ),
        Option(
            "resnet_level",
            "where resnet34 is cut, this level exclusive: 30 gives rmac_resnet34_29",
            shown_default="30",
            **LEVEL,
        ),
        Option("weights", "the network's weights, instead of its usual ones", **FILE),
        Option("rmac_levels", "sizes of R-MAC regions", kind=int, default=3),
        Option("sum_before_pca", "sum the regions, then whiten the sum", kind=bool),
    ),
    *panel(
        NETWORK,
        (FEATURES,),
        Option(
            "regional",
            "keep a row a region, without whitening, instead of a row a frame",
            name="regional_descriptors",
            kind=bool,
        ),
    ),
    *panel(
        NETWORK,
        (TRAIN_PCA,),
        Option(
            "dimensions",
            "dimensions to train, at most as many as the network has channels",
            name="pca_dimensions",
            kind=int,
            default=512,
        ),
    ),
    *panel(
        FRAMES,
        VIDEOS,
        Option("fps", "frames sampled a second", kind=float, default=15.0),
        Option("image_area", "pixels of a scaled frame, about", kind=float, default=12000.0),
    ),
    *panel(
        FRAMES,
        (TRAIN_PCA,),
        Option(
            "max_frames",
            "train on at most so many frames of a video, spread over its length",
            kind=int,
            shown_default="all",
        ),
    ),
    *panel(
        FRAMES,
        (FEATURES,),
        Option("allow_truncated", "keep what is left of videos that break off", kind=bool),
    ),
    *panel(
        COMPUTING,
        VIDEOS,
        Option(
            "precision",
            "what the network computes in",
            choices=("float32", "bfloat16"),
            default="float32",
        ),
        Option(
            "batch",
            "frames that the network sees at once",
            name="b_s",
            kind=int,
            default=32,
            published_default=200,
        ),
        Option(
            "threads",
            "threads for decoding, at most one a core",
            name="workers",
            kind=int,
            shown_default="as many as ffmpeg likes",
            published_default=16,
        ),
    ),
)
