#!/usr/bin/env bash
# Evaluate every model on every dataset whose data is there, then print one table over all results.
set -uo pipefail

if [ $# -lt 1 ] || [ "$1" = "--help" ] || [ "$1" = "-h" ]; then
  echo "usage: bash run_all.sh OUTPUT_DIR [options of main.py, e.g. --device cpu]"
  echo "Runs every model on every dataset whose data is there; see videoalignment/my_data.py."
  [ $# -ge 1 ]
  exit
fi
output_dir=$1
shift

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-python3}
[ -x "$here/.venv/bin/python" ] && python=${PYTHON:-$here/.venv/bin/python}

trap 'echo "interrupted" >&2; exit 130' INT TERM

skipped=() failed=()
for dataset in Climbing Madonna VCDB EVVE VCSL VSC; do
  find_root="from videoalignment.my_data import dataset_root; dataset_root('$dataset')"
  if ! reason=$(cd "$here" && "$python" -c "$find_root" 2>&1 >/dev/null); then
    skipped+=("$dataset: ${reason##*: }")
    continue
  fi
  models="TMK TMK_Poullot CTE"
  case $dataset in VCSL | VSC) models="align $models" ;; esac # which asks for segments
  for model in $models; do
    echo "== $model on $dataset"
    "$python" "$here/main.py" --dataset_test "$dataset" --model "$model" \
      --output_dir "$output_dir" "$@"
    status=$?
    [ $status -eq 130 ] && exit 130
    [ $status -ne 0 ] && failed+=("$model on $dataset")
    echo
  done
done

for line in "${skipped[@]}"; do echo "skipped $line"; done
for line in "${failed[@]}"; do echo "failed $line"; done
echo
if ! compgen -G "$output_dir/*/results.json" >/dev/null; then
  echo "no results; docs/datasets.md says how to get the datasets" >&2
  exit 1
fi
"$python" "$here/main.py" --summary "$output_dir" || exit 1
[ ${#failed[@]} -eq 0 ]
