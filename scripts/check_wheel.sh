#!/usr/bin/env bash
# Does the package work where only its wheel is? Builds sdist and wheel, installs the wheel with its
# dependencies (no extras, the tested versions) into a fresh environment, and aligns two clips there,
# from a folder outside the checkout.
#
#     scripts/check_wheel.sh [OUT]    OUT: where sdist and wheel are left (default: dist)
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$repository/dist}
mkdir -p "$out"
out=$(cd "$out" && pwd)
python=${PYTHON:-python3}
unset PYTHONPATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

say() { printf 'check_wheel: %s\n' "$*"; }
pip_install() { "$work/$1/bin/pip" install --quiet --disable-pip-version-check \
  -c "$repository/constraints.txt" "${@:2}"; }

say "building sdist and wheel"
"$python" -m venv tools
pip_install tools build
tools/bin/python -m build --outdir built "$repository" > build.log 2>&1 || { cat build.log; exit 1; }

say "installing the wheel into a fresh environment"
"$python" -m venv fresh
pip_install fresh built/*.whl

say "aligning two clips"
# B is a scene of 12 s; A is a smaller, coarser copy of 7 s of it, from 3 s on.
ffmpeg=$(fresh/bin/python -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')
scene=(-f lavfi -i "mandelbrot=size=320x240:rate=25,trim=duration=12")
encode=(-pix_fmt yuv420p -preset veryfast)
"$ffmpeg" -loglevel error -nostdin "${scene[@]}" "${encode[@]}" B.mp4
"$ffmpeg" -loglevel error -nostdin -ss 3 -t 7 -i B.mp4 -vf scale=240:180 -crf 30 "${encode[@]}" A.mp4
VIDEOALIGNMENT_CACHE=cache fresh/bin/videoalignment align A.mp4 B.mp4 \
  --json answer.json --report report.html --plot plot.png
fresh/bin/python - <<'END'
import json
import sys
from pathlib import Path

import videoalignment

assert Path(videoalignment.__file__).is_relative_to(Path(sys.prefix)), videoalignment.__file__
answer = json.loads(Path("answer.json").read_text())
assert answer["matched"] and abs(answer["offset_s"] - 3) < 0.1, answer
assert "<svg" in Path("report.html").read_text(), "the report lacks its charts"
assert Path(videoalignment.__file__).with_name("py.typed").exists(), "the wheel lacks py.typed"
print("check_wheel: videoalignment", videoalignment.__version__, "aligns from its wheel alone")
END

cp built/* "$out"
