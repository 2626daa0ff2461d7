"""Climbing: 89 clips of one day on a rock face."""

from videoalignment.datasets.aligned import AlignedClips
from videoalignment.datasets.base import Published


class Climbing(AlignedClips):
    """Climbing: 89 clips of one day on a rock face (Revaud et al., CVPR 2013)."""

    name = "Climbing"
    published_longest_frames = 18886
    annotation = "gt_climbing.align"
    published = (
        Published("TMK", {"<0.1s": 14.61, "<1s": 28.09, "<10s": 34.83}),
        Published("TMK_Poullot", {"<0.1s": 0.00, "<1s": 3.37, "<10s": 22.47}),
    )

    @staticmethod
    def video_name(path: str) -> str:
        """PATH up to its first dot; one video keeps an inner extension."""
        name = path.split(".")[0]
        return f"{name}.avi" if name == "albert_ixus70/longvid" else name
