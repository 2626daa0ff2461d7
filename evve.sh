#!/usr/bin/env bash
# Download the EVVE dataset; see --help.
# shellcheck source=scripts/download.sh
. "$(dirname "$0")/scripts/download.sh"

usage() {
  cat <<END
evve.sh FOLDER [--annotations SOURCE]
Download EVVE (13 events, 620 queries, 2,375 database videos) to FOLDER: annotations and features.

Videos are not downloaded. The evaluation reads only their frame rates, from FOLDER/videos/EVENT/,
and takes them to be 25 frames/s where there is none.
$common_options
END
}

tools="curl unzip awk cmp tar"
start "$@"
line='^[^[:space:]]+[[:space:]]+(-1|0|1)[[:space:]]+(query|database)'
if [ -n "$annotations" ]; then
  get_annotations annotations '*.dat' "$line"
elif [ ! -d annotations ]; then
  link_on_page $evve_address/ '(annot|eval)[^/]*[.](zip|tgz|tar[.]gz)$' \
    || fail "$(mirrored $evve_address/): no link to the annotations found; look there, and give" \
      "what you downloaded with --annotations FILE"
  get_annotations annotations '*.dat' "$line" "$link"
fi

# EVENT/ID of each video
video_names() {
  awk 'NF { event = FILENAME; sub(/.*\//, "", event); sub(/\.dat$/, "", event); print event "/" $1 }' \
    annotations/*.dat
}
split_size() { cat annotations/*.dat | awk -v split_name="$1" '$3 == split_name' | wc -l; }

names video_names
expect 620 "$(split_size query)" queries
expect 2375 "$(split_size database)" "database videos"
get_features EVVE_rmac_resnet34_29.zip
finish EVVE
