"""Demo: clips cut out of real footage and edited, so that the truth is known exactly."""

from pathlib import Path

from videoalignment import my_data
from videoalignment.datasets.aligned import AlignedClips
from videoalignment.datasets.make_demo import demo_root


class Demo(AlignedClips):
    """Demo: clips cut out of a few real videos and edited, made on first use by `make_demo`."""

    name = "Demo"
    annotation = "gt_demo.align"
    features_folder = "rmac_efficientnet_lite0_12"

    @classmethod
    def default_root(cls) -> Path:
        return my_data.configured_root(cls.name) or demo_root()

    @staticmethod
    def video_name(path: str) -> str:
        """PATH without its suffix, e.g. "bikes/03_crop"."""
        return path.removesuffix(".mp4")

    @property
    def about(self) -> str:
        scenes = {video.split("/")[0] for video in self.videos}
        return (
            f"Demo: {len(self.clips)} clips, cut out of real footage of {len(scenes)} scenes and "
            f"edited (cropped, recoloured, ...): {self.root / 'videos'}\n"
            "For each: which other clip shows the same moment, and how far apart do the two begin?"
        )
