# shellcheck shell=bash disable=SC2034,SC2154 # variables go between this file and the scripts
# What climbing.sh, madonna.sh, VCDB.sh and evve.sh share. Sourced by them, not run.
#
# A script begins with `start`, which moves into the dataset's folder, so that all paths here are
# relative to it. Downloads and half-finished work lie in .download/ there; a file appears at its
# place by a rename, when it is whole.

set -euo pipefail
export LC_ALL=C

readonly work=.download
readonly features=rmac_resnet34_29
readonly features_address=https://dl.fbaipublicfiles.com/videoalignment
readonly evve_address=http://pascal.inrialpes.fr/data/evve
readonly video_suffixes="mp4 flv avi mkv webm mov mpg 3gp wmv"
readonly common_options="
  --annotations SOURCE   take the annotations from this file, folder, archive or address
  --help                 show this

The same command again goes on after a broken download or Ctrl-C.
VIDEOALIGNMENT_MIRROR=ADDRESS fetches from a mirror: http://HOST/PATH becomes ADDRESS/HOST/PATH."

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "${0##*/}: $*"
  exit 1
}

# start "$@": read the arguments, check the tools in $tools, move into the dataset's folder.
# Sets root, with_videos and annotations; calls the script's `usage`.
start() {
  root='' with_videos=yes annotations=''
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage && exit 0 ;;
      --no-videos) with_videos=no ;;
      --annotations) annotations=${2:-} && shift ;;
      -*) usage_error "unknown option $1" ;;
      *) [ -z "$root" ] || usage_error "more than one folder: $root and $1" && root=$1 ;;
    esac
    shift || usage_error "--annotations wants a file, a folder, an archive or an address"
  done
  [ -n "$root" ] || usage_error "the folder to download to is missing"
  local tool
  for tool in $tools; do
    command -v "$tool" >/dev/null || fail "needs $tool; install it and run this again"
  done
  case $annotations in
    '' | *://* | /*) ;;
    *) annotations=$PWD/$annotations ;;
  esac
  mkdir -p -- "$root/$work" 2>/dev/null || fail "$root: cannot be made or written to"
  CDPATH='' cd -- "$root"
  root=$PWD
  trap 'say "stopped; the same command again goes on from here"; exit 130' INT
  trap 'exit 143' TERM
  lock
}

usage_error() {
  say "${0##*/}: $*; see ${0##*/} --help"
  exit 2
}

# Two runs that append to one file would spoil it. A symlink is made in one step and holds the
# process that it belongs to; one left by a killed run is taken over.
lock() {
  local owner
  if ! ln -s $$ $work/lock 2>/dev/null; then
    owner=$(readlink $work/lock || true)
    ! kill -0 "$owner" 2>/dev/null || fail "$root: process $owner downloads to it already;" \
      "if that is another program, delete $work/lock there"
    ln -sfn $$ $work/lock
  fi
  trap 'rm -f $work/lock; rmdir $work 2>/dev/null || true' EXIT
}

# ------------------------------------------------------------------ downloading

mirrored() {
  if [ -n "${VIDEOALIGNMENT_MIRROR:-}" ]; then
    printf '%s/%s' "${VIDEOALIGNMENT_MIRROR%/}" "${1#*://}"
  else
    printf '%s' "$1"
  fi
}

size() { if [ -e "$1" ]; then wc -c <"$1" | tr -d ' '; else echo 0; fi; }

# download ADDRESS FILE: go on where a broken download ended; give up after three attempts in a
# row that got no further. Returns 1 where the server has no such file. We try again ourselves,
# since curl --retry throws away what the broken attempt got.
download() {
  local address file=$2 part=$2.part code status attempts=0 most=0 meter=-s
  [ ! -s "$file" ] || return 0
  address=$(mirrored "$1")
  [ ! -t 2 ] || meter=-#
  mkdir -p -- "${file%/*}"
  while :; do
    status=0
    code=$(curl $meter -fLgN -C - --connect-timeout 30 --speed-limit 1 --speed-time 60 \
      -o "$part" -w '%{http_code}' --url "$address") || status=$?
    case $status:$code in
      0:* | 22:416) break ;; # 416: all was there already
      22:403 | 22:404 | 22:410) return 1 ;;
      22:5?? | 22:408 | 22:429) ;;
      22:*) fail "$address: the server refuses it (HTTP $code)" ;;
      23:*) fail "$root/$file: cannot be written; is the disk full?" ;;
      33:*) rm -f "$part" ;; # the server cannot resume, so from the beginning
    esac
    attempts=$((attempts + 1))
    if [ "$(size "$part")" -gt "$most" ]; then most=$(size "$part") attempts=1; fi
    [ $attempts -lt 3 ] || fail "$address: $(download_error "$status" "$code");" \
      "run this again to go on from $(size "$part") bytes"
    sleep $attempts
  done
  [ -s "$part" ] || fail "$address: empty"
  mv -f "$part" "$file"
}

download_error() {
  case $1 in
    6) echo "the host is not known (no network?)" ;;
    7) echo "no connection" ;;
    22) echo "the server answers HTTP $2" ;;
    28) echo "no answer in time" ;;
    *) echo "the download broke off (curl status $1)" ;;
  esac
}

# fetch ADDRESS FILE: download what must be there.
fetch() {
  [ -s "$2" ] || say "downloading $(mirrored "$1")"
  download "$1" "$2" || fail "$(mirrored "$1"): not on the server${3:+; $3}"
}

# link_on_page PAGE PATTERN: set `link` to the first link of a web page whose address matches.
# Returns 1 where there is none.
link_on_page() {
  local page=$work/page.html
  rm -f $page
  download "$1" $page || return 1
  link=$(grep -oiE 'href *= *"[^"]+"' $page | cut -d'"' -f2 | awk -v pattern="$2" \
    '!found && $0 ~ pattern { print; found = 1 }') || true
  rm -f $page
  case $link in
    '') return 1 ;;
    *://*) ;;
    /*) link=$(printf '%s' "$1" | cut -d/ -f1-3)$link ;;
    *) link=${1%/*}/$link ;;
  esac
}

# ------------------------------------------------------------------ archives

# unpack ARCHIVE TREE: unpack a .zip or a tar file in $work; the checksums are tested on the way.
# Returns 1 where the archive is broken.
unpack() {
  local status=0
  say "unpacking $1"
  rm -rf "${work:?}/$2" && mkdir -p "$work/$2"
  case $1 in
    # In $work, since unzip takes brackets in a path for a pattern. Status 1 is a mere warning.
    *.zip) (cd $work && unzip -qq "$1" -d "$2" </dev/null >/dev/null 2>&1) || status=$? ;;
    *) (cd $work && tar -xf "$1" -C "$2" 2>/dev/null) || status=2 ;;
  esac
  [ $status -le 1 ]
}

# place TREE FOLDER SUFFIXES: move the files of annotated videos from an unpacked tree to FOLDER.
# Which folders the published archives wrap their files in is not documented. So each file is known
# by the end of its path: any/folders/GROUP/ID.pkl goes to FOLDER/GROUP/ID.pkl.
place() {
  local from to
  find "$work/$1" -type f | awk -v suffixes="$3" '
    BEGIN { split(suffixes, list, " "); for (i in list) known[list[i]] }
    NR == FNR { annotated[$0]; next }
    {
      name = suffix = $0
      sub(/.*\./, "", suffix)
      if (!(suffix in known)) next
      name = substr(name, 1, length(name) - length(suffix) - 1)
      while (!(name in annotated) && sub(/^[^\/]*\//, "", name));
      if (name in annotated) print $0 "\t" name "." suffix
    }' $work/names - | while IFS=$'\t' read -r from to; do
    [ -d "$2/${to%/*}" ] || mkdir -p "$(dirname "$2/$to")"
    mv -f "$from" "$2/$to"
  done
}

# lacking FOLDER SUFFIXES: the annotated videos without a file in FOLDER.
lacking() {
  local name suffix
  while IFS= read -r name; do
    for suffix in $2; do
      if [ -s "$1/$name.$suffix" ]; then continue 2; fi
    done
    printf '%s\n' "$name"
  done <$work/names
}

# complete FOLDER SUFFIXES: whether all files are there that the published archive has. What it
# lacks itself was noted when it was unpacked, so that it is not downloaded again in vain.
complete() {
  lacking "$1" "$2" >"$work/lacking"
  [ ! -s $work/lacking ] || cmp -s $work/lacking "$work/$1.lacking"
}

# note_lacking FOLDER SUFFIXES: remember what an archive lacks, once it is unpacked and placed.
note_lacking() {
  lacking "$1" "$2" >$work/lacking
  if [ -s $work/lacking ]; then mv $work/lacking "$work/$1.lacking"; else rm -f "$work/$1.lacking"; fi
}

# get_features ARCHIVE: the frame descriptors of the annotated videos.
get_features() {
  local before
  if complete $features pkl; then return; fi
  fetch "$features_address/$1" "$work/$1"
  if ! unpack "$1" unpacked; then
    rm -rf "${work:?}/$1" $work/unpacked
    fail "$(mirrored "$features_address/$1"): not a whole zip file, deleted; run this again"
  fi
  before=$(lacking $features pkl | wc -l)
  place unpacked $features pkl
  if [ "$(lacking $features pkl | wc -l)" -eq "$before" ]; then
    fail "$root/$work/$1: holds no features that are missing, such as $(head -n 1 $work/lacking).pkl;" \
      "is it the right archive? Delete it to download it again"
  fi
  note_lacking $features pkl
  rm -rf "${work:?}/$1" $work/unpacked
}

# ------------------------------------------------------------------ annotations

# names COMMAND...: keep the names of the annotated videos, as COMMAND prints them. They become
# paths, so none may lead out of the folder.
names() {
  "$@" | sort -u >$work/names
  ! grep -nE '(^|/)\.\.(/|$)|^/|/$|^$' $work/names >$work/odd \
    || fail "$root: an annotation names the video $(head -n 1 $work/odd | cut -d: -f2-)," \
      "which is no path inside the dataset"
  rm -f $work/odd
}

# get_alignment FILE ADDRESS: the ground truth of clips on the clock of an event.
get_alignment() {
  local new=$work/$1 source=$annotations
  if [ -s "$1" ] && [ -z "$source" ]; then return; fi
  if [ -d "$source" ]; then source=$source/$1; fi
  case $source in
    '') fetch "$2" "$new" "give your own copy with --annotations FILE" ;;
    *://*) rm -f "$new" && fetch "$source" "$new" ;;
    *) cp -- "$source" "$new" 2>/dev/null || fail "$source: cannot be read" ;;
  esac
  if ! awk 'NF && (NF != 4 || $2 $3 $4 !~ /^[-+.0-9e]+$/) { exit 1 } NF { n++ } END { exit !n }' \
    "$new"; then
    rm -f "$new"
    fail "${source:-$(mirrored "$2")}: not the ground truth, expected lines PATH begin end global"
  fi
  mv -f "$new" "$1"
}

# get_annotations FOLDER PATTERN LINE [SOURCE]: the annotation files, named like PATTERN and
# holding lines like LINE, wherever they lie in SOURCE: an address, an archive or a folder.
get_annotations() {
  local source=${4:-$annotations} tree=$work/annotations archive file
  case $source in
    *.zip) archive=annotations.zip ;;
    *) archive=annotations.tar ;;
  esac
  case $source in
    *://*) fetch "$source" "$work/$archive" ;;
    *) [ -d "$source" ] || cp -- "$source" "$work/$archive" 2>/dev/null \
      || fail "$source: cannot be read" ;;
  esac
  if [ -d "$source" ]; then
    tree=$source
  elif ! unpack $archive annotations; then
    rm -rf "${work:?}/$archive" $tree
    fail "$source: not a whole zip or tar file"
  fi
  rm -rf $work/chosen && mkdir $work/chosen
  find "$tree" -type f -name "$2" | while IFS= read -r file; do
    if grep -qE "$3" "$file"; then cp -- "$file" $work/chosen/; fi
  done
  find "$tree" -type f -name durations.pkl -exec cp {} $work/chosen/ \;
  rm -rf "${work:?}/$archive" $work/annotations
  [ -n "$(find $work/chosen -name "$2")" ] \
    || fail "$source: holds no annotation files $2; give your own with --annotations SOURCE"
  rm -rf "${1:?}"
  mv $work/chosen "$1"
}

# ------------------------------------------------------------------ videos

# get_videos ADDRESS: the videos that Climbing's or Madonna's ground truth lists, on stdin as lines
# PATH NAME. They are optional, so one that is not on the server is only counted.
get_videos() {
  local path name file got=0 gone=0
  say "downloading videos from $(mirrored "$1")"
  while IFS=' ' read -r path name; do
    file=videos/$name.${path##*.}
    if download "$1/$(printf '%s' "$path" | sed 's/%/%25/g; s/#/%23/g; s/?/%3F/g')" "$file"; then
      got=$((got + 1))
    else
      gone=$((gone + 1))
    fi
    # After five in vain the others would not be there either.
    if [ $got -eq 0 ] && [ $gone -eq 5 ]; then break; fi
  done
}

# ------------------------------------------------------------------ the end

# expect NUMBER FOUND WHAT: warn where a count differs from the published one.
expect() {
  if [ "$1" -ne "$2" ]; then say "warning: $2 $3, $1 were published"; fi
}

# finish DATASET: what is there now, and how to use it. Stdout holds the export line alone, so that
# eval "$(./climbing.sh FOLDER)" works.
finish() {
  local all missing videos option=''
  all=$(wc -l <$work/names | tr -d ' ')
  videos=$((all - $(lacking videos "$video_suffixes" | wc -l)))
  lacking $features pkl >$work/lacking
  missing=$(wc -l <$work/lacking | tr -d ' ')
  say "$1: features of $((all - missing)) of $all videos"
  if [ $videos -lt "$all" ]; then
    say "$1: $((all - videos)) of $all videos are not in videos/; their frame rate is taken to be 25" \
      "frames/s, so their time stamps may be off by a fraction of a frame"
  fi
  if [ "$missing" -gt 0 ]; then option=' --allow_missing'; fi
  printf 'export VIDEOALIGNMENT_%s=%q\n' "$(printf '%s' "$1" | tr '[:lower:]' '[:upper:]')" "$root"
  say "next: python main.py --dataset_test $1 --model TMK --output_dir results$option"
  [ "$missing" -eq 0 ] || fail "$missing of $all annotated videos have no features in the archive," \
    "the first is $(head -n 1 $work/lacking)"
  rm -f $work/names $work/lacking
}
