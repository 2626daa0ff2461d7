#!/usr/bin/env bash
# Download the Climbing dataset; see --help.
# shellcheck source=scripts/download.sh
. "$(dirname "$0")/scripts/download.sh"

usage() {
  cat <<END
climbing.sh FOLDER [--no-videos] [--annotations SOURCE]
Download Climbing (89 clips of one day on a rock face) to FOLDER: ground truth, features, videos.

  --no-videos            leave out the videos. The evaluation reads only their frame rates and
                         takes them to be 25 frames/s then$common_options
END
}

tools="curl unzip awk cmp"
start "$@"
get_alignment gt_climbing.align $evve_address/align_data/gt_climbing.align

# PATH and name of each clip's video: PATH up to its first dot, but one keeps an inner extension.
clips() {
  awk 'NF { name = $1; sub(/\..*/, "", name); if (name == "albert_ixus70/longvid") name = name ".avi"
            print $1, name }' gt_climbing.align
}
video_names() { clips | cut -d' ' -f2; }

names video_names
expect 89 "$(clips | wc -l)" clips
get_features climbing_rmac_resnet34_29.zip
if [ "$with_videos" = yes ]; then
  clips | get_videos http://pascal.inrialpes.fr/data2/evve/videos_align/climbing
fi
finish Climbing
