"""Frame features of videos: ResNet-34, R-MAC, PCA whitening.

    python rmac_features.py VIDEO_OR_FOLDER PCA_PREFIX OUT_FOLDER
    python rmac_features.py FOLDER PCA_PREFIX OUT_FOLDER --train_pca

writes OUT_FOLDER/rmac_resnet34_29/NAME.pkl for each video, or trains the PCA and writes
PREFIX_mean_resnet34_29.t7 and PREFIX_Dvt_resnet34_29.t7. docs/features.md tells more.
"""

import argparse
import logging
import os
import sys
from pathlib import Path

from videoalignment.cli.console import run_command, show_log
from videoalignment.cli.features import print_outcome
from videoalignment.errors import VideoAlignmentError


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("source", metavar="VIDEO_OR_FOLDER", type=Path, help="a video, or a tree of folders")
    add("pca_prefix", metavar="PCA_PREFIX", help="path of the PCA files up to _mean_, or none")
    add("out_folder", metavar="OUT_FOLDER", type=Path, help="gets rmac_BACKBONE_LEVEL/")
    add("--train_pca", action="store_true", help="train the PCA on the videos, extract nothing")
    add("--regional_descriptors", action="store_true", help="keep regions, without PCA")
    add("--sum_before_pca", action="store_true", help="sum the regions, then whiten")
    add("--image_area", type=float, default=12000, help="pixels of a scaled frame (12000)")
    add("--resnet_level", type=int, default=30, help="ResNet-34 up to this level, exclusive (30)")
    add("--rmac_levels", type=int, default=3, help="sizes of regions (3)")
    add("--pca_dimensions", type=int, default=512, help="dimensions to train (512)")
    add("--workers", type=int, default=16, help="threads for decoding, at most one a core (16)")
    add("--b_s", type=int, default=200, help="frames that the network sees at once (200)")
    add("--fps", type=float, default=15, help="frames sampled a second (15)")
    add("--backbone", default="resnet34", help="resnet34 (default) or efficientnet_lite0")
    add("--level", type=int, help="level of the network, inclusive; beats --resnet_level")
    add("--weights", type=Path, help="file of the network's weights, instead of a download")
    add("--precision", default="float32", help="float32 (default) or bfloat16")
    add("--device", default="auto", help="auto (default), cpu or cuda")
    add("--format", choices=("pkl", "npy", "npz"), default="pkl", help="npz keeps the times too")
    add("--overwrite", action="store_true", help="do again what is there already")
    add("--allow_truncated", action="store_true", help="keep what is left of broken videos")
    add("--max_frames", type=int, help="train on at most so many frames of a video")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    if arguments.workers < 1:
        raise VideoAlignmentError(f"--workers {arguments.workers}: must be 1 or more")
    # late, so that --help is quick
    from videoalignment.features import folders

    show_log(logging.INFO, sys.stdout)
    level = arguments.level
    if level is None and arguments.backbone == "resnet34":
        level = arguments.resnet_level - 1
    network = folders.NetworkOptions(
        backbone=arguments.backbone,
        level=level,
        weights=arguments.weights,
        rmac_levels=arguments.rmac_levels,
        sum_before_pca=arguments.sum_before_pca,
        precision=arguments.precision,
        device=arguments.device,
        batch=arguments.b_s,
    )
    sampling = {"fps": arguments.fps, "image_area": arguments.image_area}
    threads = min(arguments.workers, os.cpu_count() or 1)
    if arguments.train_pca:
        trained = folders.train_pca(
            arguments.source,
            arguments.pca_prefix,
            network=network,
            sample=folders.TrainingSample(**sampling, max_frames=arguments.max_frames),
            dimensions=arguments.pca_dimensions,
            threads=threads,
            overwrite=arguments.overwrite,
        )
        if trained.existed:
            print("{} and {} exist; --overwrite trains them again".format(*trained.paths))
            return 0
        status = print_outcome(trained.outcome, "trained on")
        print(*trained.paths, sep="\n")
        return status
    options = folders.ExtractionOptions(
        **sampling,
        regional=arguments.regional_descriptors,
        threads=threads,
        allow_truncated=arguments.allow_truncated,
        format=arguments.format,
        overwrite=arguments.overwrite,
    )
    outcome = folders.extract_features(
        arguments.source,
        arguments.out_folder,
        pca_prefix=None if arguments.pca_prefix == "none" else arguments.pca_prefix,
        network=network,
        options=options,
    )
    return print_outcome(outcome, "extracted")


if __name__ == "__main__":
    run_command(main)
