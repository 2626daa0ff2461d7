"""How well cameras are placed by points that others have followed, such as a calibration's.

A session is a folder with xy.csv: a row a camera's frame and point, with the columns sync_index,
cam_id, point_id, img_loc_x, img_loc_y, as caliscope (BSD-2) writes them; its cameras were started
together, so the truth is exact to a frame. Each camera gets a stretch of its own, drawn at random.

example: python -m benchmarks.view_tracks SESSION --width 1920 --fps 30 --lengths 15 25 --draws 6
"""

import argparse
import csv
import itertools
from collections import defaultdict
from pathlib import Path

import numpy as np

from videoalignment.align.motion.moving import Moving
from videoalignment.align.motion.pipeline import curve_of
from videoalignment.align.motion.together import place_together
from videoalignment.features.motion import Point, kept
from videoalignment.features.motion_features import MotionFeatures, MotionRecipe

_RECIPE = MotionRecipe()
_MOST_LATE_S = 6.0
_RIGHT_S = 0.1
_GAP_FRAMES = 2.5

Tracks = dict[str, list[tuple[float, float, float]]]
"""When and where each point was, seconds and pixels of the recipe's size, by its name."""


def read_session(path: Path, width: int, fps: float) -> dict[str, Tracks]:
    """The points of each camera, by its name."""
    cameras: dict[str, Tracks] = defaultdict(lambda: defaultdict(list))
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            place = [float(row[axis]) / width * _RECIPE.side for axis in ("img_loc_x", "img_loc_y")]
            seen = (int(row["sync_index"]) / fps, *place)
            cameras[row["cam_id"]][row["point_id"]].append(seen)
    return cameras


def stretch(tracks: Tracks, begin_s: float, length_s: float, fps: float) -> MotionFeatures:
    """What moves in a stretch of a camera."""
    points = []
    for seen in tracks.values():
        within = sorted({one for one in seen if begin_s <= one[0] < begin_s + length_s})
        gaps = np.flatnonzero(np.diff([time_s for time_s, *_ in within]) > _GAP_FRAMES / fps) + 1
        for part in np.split(np.array(within).reshape(-1, 3), gaps):
            if len(part) and part[-1, 0] - part[0, 0] >= _RECIPE.shortest_s:
                points.append(Point([*(part[:, 0] - begin_s)], [*part[:, 1:]]))
    return kept(points, length_s, 1 / fps, _RECIPE)


def main() -> None:
    """Draw stretches, place pairs and sets, print how it went."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("session", type=Path)
    parser.add_argument("--width", type=int, required=True, help="of the pictures, pixels")
    parser.add_argument("--fps", type=float, required=True)
    parser.add_argument("--lengths", type=float, nargs="+", required=True, help="seconds")
    parser.add_argument("--draws", type=int, default=1, help="of each length")
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    cameras = read_session(options.session / "xy.csv", options.width, options.fps)
    whole_s = max(seen[-1][0] for tracks in cameras.values() for seen in tracks.values())
    generator = np.random.default_rng(options.seed)
    pairs, sets = [], []
    for length_s in np.repeat(options.lengths, options.draws):
        spare_s = max(0.0, whole_s - length_s)
        first_s = generator.uniform(0, max(0.0, spare_s - _MOST_LATE_S))
        late_s = generator.uniform(0, min(_MOST_LATE_S, spare_s), len(cameras))
        begins_s = {name: first_s + late for name, late in zip(cameras, late_s, strict=True)}
        moving = {
            name: Moving(stretch(tracks, begins_s[name], length_s, options.fps))
            for name, tracks in cameras.items()
        }
        names = [name for name, one in moving.items() if len(one.features.begins)]
        curves = {}
        for a, b in itertools.combinations(range(len(names)), 2):
            if (curve := curve_of(moving[names[a]], moving[names[b]])) is not None:
                curves[a, b] = [curve]
                for alone in place_together({(0, 1): [curve]}, 2):
                    off_s = alone.begins_s[0] - alone.begins_s[1]
                    off_s -= begins_s[names[a]] - begins_s[names[b]]
                    pairs.append((alone.probability[0, 1], abs(off_s)))
        for together in place_together(curves, len(names)):
            shifts_s = [at - begins_s[names[body]] for body, at in together.begins_s.items()]
            off_s = np.abs(np.array(shifts_s) - np.median(shifts_s))
            sets.append((min(together.probability.values()), off_s))
    said = [off_s for sure, off_s in pairs if sure >= 0.5]
    right = sum(off_s < _RIGHT_S for off_s in said)
    print(f"{len(pairs)} pairs: {len(said)} answered, {right} within {_RIGHT_S} s")
    for sure, off_s in sets:
        far = int((off_s >= 2 * _RIGHT_S).sum())
        print(
            f"{len(off_s)} cameras together, least sure {sure:.2f}: {far} of them 0.2 s off", end=""
        )
        print(f", most {max(off_s):.3f} s")


if __name__ == "__main__":
    main()
