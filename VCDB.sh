#!/usr/bin/env bash
# Download the VCDB dataset; see --help.
# shellcheck source=scripts/download.sh
. "$(dirname "$0")/scripts/download.sh"

usage() {
  cat <<END
VCDB.sh FOLDER [--no-videos] [--annotations SOURCE]
Download VCDB's core dataset (28 groups, 528 videos) to FOLDER: annotations, features, videos.
Three wrong annotation lines are deleted.

  --no-videos            leave out the videos, by far the largest part. The evaluation reads only
                         their frame rates and takes them to be 25 frames/s then. The published
                         archive holds videos and annotations, so this may ask for --annotations$common_options
END
}

readonly vcdb_page=http://www.yugangjiang.info/research/VCDB/index.html
readonly vcdb_line='^[^,]+,[^,]+(,[0-9]+:[0-9]+:[0-9]+){4}'

# The core dataset, whole, as $work/core.zip: published in twelve parts, which zip joins.
get_core() {
  local part
  if [ -s $work/core.zip ]; then return; fi
  link_on_page $vcdb_page '(^|/)core_dataset[.]zip$' || link=${vcdb_page%/*}/core_dataset.zip
  for part in zip z01 z02 z03 z04 z05 z06 z07 z08 z09 z10 z11; do
    fetch "${link%.zip}.$part" $work/core_dataset.$part
  done
  say "joining the parts of core_dataset.zip"
  rm -f $work/joined.zip $work/zi?????? # what zip leaves where it was stopped
  (cd $work && zip -s 0 core_dataset.zip --out joined.zip </dev/null >/dev/null 2>&1) || wrong_parts
  mv $work/joined.zip $work/core.zip
}

# Which part is wrong cannot be told from the checksums, and all together are large.
wrong_parts() {
  rm -rf $work/core.zip $work/core
  fail "$root/$work: core_dataset.zip and its parts make no whole archive; delete the parts that" \
    "have a wrong size, or all, and run this again"
}

# Unpack the core dataset into $work/core, once a run.
unpack_core() {
  if [ -d $work/core ]; then return; fi
  get_core
  unpack core.zip core || wrong_parts
  rm -f $work/core_dataset.z*
}

get_annotation() {
  if [ -n "$annotations" ]; then
    get_annotations annotation '*.txt' "$vcdb_line"
  elif [ -d annotation ]; then
    return
  elif [ "$with_videos" = yes ]; then
    unpack_core
    get_annotations annotation '*.txt' "$vcdb_line" $work/core
  else
    link_on_page $vcdb_page 'annotation[^/]*[.](zip|tgz|tar[.]gz)$' \
      || fail "$(mirrored $vcdb_page): no annotations apart from the videos; run this without" \
        "--no-videos, or give them with --annotations SOURCE"
    get_annotations annotation '*.txt' "$vcdb_line" "$link"
  fi
}

# delete_line GROUP LINE: idempotent, since a line that is not there changes nothing.
delete_line() {
  local file=annotation/$1.txt
  if [ ! -f "$file" ]; then return; fi
  awk -v wrong="$2" '{ line = $0; sub(/\r$/, "", line) } line != wrong' "$file" >$work/corrected
  cmp -s $work/corrected "$file" || mv $work/corrected "$file"
  rm -f $work/corrected
}

# GROUP/ID of each video
video_names() {
  awk -F, 'NF { group = FILENAME; sub(/.*\//, "", group); sub(/\.txt$/, "", group)
                for (i = 1; i <= 2; i++) { gsub(/^ +| +$/, "", $i); sub(/\.[^.]*$/, "", $i); print group "/" $i } }' \
    annotation/*.txt
}

tools="curl unzip zip awk cmp tar"
start "$@"
rm -rf $work/core # of a run that was stopped, perhaps not whole
get_annotation
delete_line mr_and_mrs_smith_tango \
  38f11a4162d8e94227ac644f117f942735b9a504.mp4,bf582249cfc79d691195a8681961029cc5149a76.flv,00:02:35,00:03:15,00:01:04,00:03:18
delete_line obama_kicks_door \
  14c262ea09b4ca66feb7e88cf57e0faaeacc301f.mp4,f150e062960b477adcac3f12ef4543337f5a91a4.flv,00:00:19,00:00:33,00:00:00,00:00:14
delete_line run_forrest_fun \
  067fb2aa9623905a42a2b0b286de1386e45c5bf8.flv,8f19329946455ae5c2c7b788ea6f6513bf5e1c9a.flv,00:01:06,00:02:18,00:00:05,00:01:17

names video_names
expect 9233 "$(cat annotation/*.txt | grep -c .)" "annotated pairs"
expect 528 "$(wc -l <$work/names)" videos
if [ "$with_videos" = yes ]; then
  if ! complete videos "$video_suffixes"; then
    unpack_core
    place core videos "$video_suffixes"
    note_lacking videos "$video_suffixes"
  fi
  rm -rf $work/core $work/core.zip
fi
get_features VCDB_rmac_resnet34_29.zip
finish VCDB
