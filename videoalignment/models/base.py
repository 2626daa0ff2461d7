"""The models: each folds a video's frame descriptors into one descriptor that scores all offsets.

All share one interface:

    single_fv(ts, xs)                       frame descriptors, time stamps -> video descriptors
    score_pair(fv_a, fv_b, offsets)         scores of b pairs at offsets (1, n) or (b, n): (b, n)
    shift_fv(fv, offset)                    the same videos, every time stamp increased
    query_spectra(fv), spectra(fv)          what `matching` multiplies for all pairs at once
    forward_pair(ts_a, ts_b, xs_a, xs_b)    frame descriptors of b pairs -> scores; also called
                                            `forward` and `score`

A model is made from `args`, any object with attributes: an argparse namespace, a NamedTuple. What
it lacks takes the default. To add a model, subclass `Model` (docs/own_model.md walks through an
example).
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from videoalignment.configurable import Configurable
from videoalignment.provenance import FeatureRecipe
from videoalignment.spectrum import Spectra, score_pairs


class Model(Configurable, nn.Module):
    """What all models have in common; a subclass gives the first four methods of the interface.

    Its class attribute `options` lists what it reads from `args`, with the defaults.
    """

    @classmethod
    def fit_options(
        cls, options: Mapping[str, Any], longest_frames: Callable[[], int]
    ) -> Mapping[str, Any]:
        """Resolved options, with those filled in that depend on the videos.

        Args:
            options: resolved options.
            longest_frames: gives the frames of the dataset's longest video; may take a while.
        """
        return options

    @classmethod
    def fit_features(
        cls,
        options: Mapping[str, Any],
        recipe: Callable[[], FeatureRecipe | None],
        longest_frames: Callable[[], int],
    ) -> Mapping[str, Any]:
        """Resolved options, with those filled in that depend on how the features were made.

        Args:
            options: from `fit_options`.
            recipe: gives how the dataset's features were made, None where nobody knows.
            longest_frames: gives the frames of the dataset's longest video; may take a while.
        """
        return options

    def single_fv(self, ts: Tensor, xs: Tensor) -> Tensor:
        """Video descriptors of frame descriptors `ts` (b, T, d) with time stamps `xs` (b, T)."""
        raise NotImplementedError

    def shift_fv(self, fv: Tensor, offset: Tensor | float) -> Tensor:
        """Descriptors of the same videos with every time stamp increased by `offset` frames."""
        raise NotImplementedError

    def spectra(self, fv: Tensor) -> Spectra:
        """Descriptors, normalised, as spectra of database videos."""
        raise NotImplementedError

    def query_spectra(self, fv: Tensor) -> Spectra:
        """Descriptors as spectra of queries; the same for models that are symmetric."""
        return self.spectra(fv)

    def score_pair(self, fv_a: Tensor, fv_b: Tensor, offsets: Tensor) -> Tensor:
        """Score b pairs of descriptors, a the query.

        Args:
            fv_a, fv_b: descriptors from `single_fv`, b videos each.
            offsets: x_a - x_b of the same moment, in feature frames, shape (1, n) or (b, n).

        Returns:
            Scores, shape (b, n). Differentiable.
        """
        return score_pairs(self.query_spectra(fv_a), self.spectra(fv_b), offsets)

    def forward_pair(
        self, ts_a: Tensor, ts_b: Tensor, xs_a: Tensor, xs_b: Tensor, offsets: Tensor | None = None
    ) -> Tensor:
        """Score b pairs of videos from their frame descriptors.

        Args:
            ts_a, ts_b: frame descriptors, shapes (b, T_a, d) and (b, T_b, d).
            xs_a, xs_b: time stamps in feature frames, shapes (b, T_a) and (b, T_b).
            offsets: shape (1, n) or (b, n); -T..T-1 with T the longer of T_a, T_b unless given.

        Returns:
            Scores, shape (b, n).
        """
        if offsets is None:
            longest = max(ts_a.shape[1], ts_b.shape[1])
            offsets = torch.arange(-longest, longest, device=ts_a.device).view(1, -1)
        return self.score_pair(
            self.single_fv(ts_a, xs_a), self.single_fv(ts_b, xs_b), offsets.float()
        )

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        """Synonym of `forward_pair`."""
        return self.forward_pair(*args, **kwargs)

    def score(self, *args: Any, **kwargs: Any) -> Tensor:
        """Synonym of `forward_pair`."""
        return self.forward_pair(*args, **kwargs)
