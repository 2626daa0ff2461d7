#!/usr/bin/env python3
"""Frame features of videos: ResNet-34, R-MAC, PCA whitening.

    python rmac_features.py VIDEO_OR_FOLDER PCA_PREFIX OUT_FOLDER
    python rmac_features.py FOLDER PCA_PREFIX OUT_FOLDER --train_pca

writes OUT_FOLDER/rmac_resnet34_29/NAME.pkl for each video, or trains the PCA and writes
PREFIX_mean_resnet34_29.t7 and PREFIX_Dvt_resnet34_29.t7. docs/features.md tells more.
"""

from videoalignment.cli import main_script

if __name__ == "__main__":
    main_script("rmac_features.py")
