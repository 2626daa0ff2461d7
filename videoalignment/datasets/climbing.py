"""Climbing: 89 clips of one day on a rock face."""

from videoalignment.datasets.aligned import AlignedClips


class Climbing(AlignedClips):
    """Climbing: 89 clips of one day on a rock face (Revaud et al., CVPR 2013)."""

    name = "Climbing"
    published_longest_frames = 18886
    annotation = "gt_climbing.align"

    @staticmethod
    def video_name(path: str) -> str:
        """PATH up to its first dot; one video keeps an inner extension."""
        name = path.split(".")[0]
        return f"{name}.avi" if name == "albert_ixus70/longvid" else name
