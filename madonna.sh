#!/usr/bin/env bash
# Download the Madonna dataset; see --help.
# shellcheck source=scripts/download.sh
. "$(dirname "$0")/scripts/download.sh"

usage() {
  cat <<END
madonna.sh FOLDER [--no-videos] [--annotations SOURCE]
Download Madonna (230 clips of concerts) to FOLDER: ground truth, features, videos.

  --no-videos            leave out the videos. The evaluation reads only their frame rates and
                         takes them to be 25 frames/s then$common_options
END
}

tools="curl unzip awk cmp"
start "$@"
# The addresses of ground truth and videos follow those of Climbing, from the same authors.
get_alignment gt_madonna.align $evve_address/align_data/gt_madonna.align

# PATH and name of each clip's video: the file's name up to its first dot, without its folder.
clips() {
  awk 'NF { name = $1; sub(/.*\//, "", name); sub(/\..*/, "", name); print $1, name }' gt_madonna.align
}
video_names() { clips | cut -d' ' -f2; }

names video_names
expect 230 "$(clips | wc -l)" clips
get_features madonna_rmac_resnet34_29.zip
if [ "$with_videos" = yes ]; then
  clips | get_videos http://pascal.inrialpes.fr/data2/evve/videos_align/madonna
fi
finish Madonna
