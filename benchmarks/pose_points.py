"""Find people's keypoints in the videos of one event, for benchmarks.view_tracks.

By MediaPipe's pose model, one person a picture. Its last release that brings the model's weights
(0.10.21, Apache-2.0) wants numpy below 2, so it has an environment of its own; nothing of this
package is needed there. Writes OUT/xy.csv, in shares of the pictures' longer sides.

example: python benchmarks/pose_points.py OUT --fps 6 cam_0.mp4=0 cam_1.mp4=-0.12 cam_2.mp4=0
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import cv2
import mediapipe

_SIDE = 640
_SURE = 0.5  # that a keypoint can be seen


def keypoints(path: str, begin_s: float, fps: float) -> Iterator[tuple[int, int, float, float]]:
    """Which of the event's frames, which keypoint, and where, of each that is seen."""
    video = cv2.VideoCapture(path)
    own_fps = video.get(cv2.CAP_PROP_FPS)
    last = -1
    with mediapipe.solutions.pose.Pose(min_detection_confidence=0.3) as model:
        for number in range(int(video.get(cv2.CAP_PROP_FRAME_COUNT))):
            there, frame = video.read()
            index = round((begin_s + number / own_fps) * fps)
            if not there or index <= last:
                continue
            last = index
            shrunk = _SIDE / max(frame.shape[:2])
            picture = cv2.resize(frame, None, fx=shrunk, fy=shrunk)
            height, width = picture.shape[:2]
            found = model.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).pose_landmarks
            for point, mark in enumerate(found.landmark if found else ()):
                if mark.visibility > _SURE:
                    yield index, point, mark.x * width / _SIDE, mark.y * height / _SIDE


def main() -> None:
    """Look at all cameras of an event."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("cameras", nargs="+", help="VIDEO=SECOND of the event at which it begins")
    parser.add_argument("--fps", type=float, required=True, help="at most; frames of the event")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "xy.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sync_index", "cam_id", "point_id", "img_loc_x", "img_loc_y"])
        for camera in options.cameras:
            path, begin_s = camera.rsplit("=", 1)
            for index, point, x, y in keypoints(path, float(begin_s), options.fps):
                writer.writerow([index, Path(path).stem, point, f"{x:.5f}", f"{y:.5f}"])


if __name__ == "__main__":
    main()
