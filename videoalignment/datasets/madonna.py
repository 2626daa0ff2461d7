"""Madonna: 230 clips of concerts."""

from collections.abc import Iterable

import scipy.sparse.csgraph

from videoalignment.datasets.aligned import AlignedClips, overlaps_of
from videoalignment.datasets.base import FOLDS, Published


class Madonna(AlignedClips):
    """Madonna: 230 clips of concerts (Revaud et al., CVPR 2013).

    Folds go over the connected components of the overlap graph.
    """

    name = "Madonna"
    published_longest_frames = 9085
    annotation = "gt_madonna.align"
    has_folds = True
    published = (
        Published("TMK", {"<0.1s": 33.91, "<1s": 70.00, "<10s": 76.96}),
        Published("TMK_Poullot", {"<0.1s": 9.13, "<1s": 36.52, "<10s": 64.78}),
    )
    ranks_clips = True

    @staticmethod
    def video_name(path: str) -> str:
        """The file's name up to its first dot, without its folder."""
        return path.rsplit("/", 1)[-1].split(".")[0]

    def _validation_clips(self, fold_index: int) -> Iterable[bool]:
        _, component = scipy.sparse.csgraph.connected_components(overlaps_of(self.clips))
        chosen: Iterable[bool] = component % FOLDS == fold_index
        return chosen
