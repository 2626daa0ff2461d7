"""LAMV: the temporal match kernel that learns."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from torch import nn

from videoalignment.errors import OptionError
from videoalignment.lamv_weights import LamvWeights, read_lamv_weights, shipped_weights_path
from videoalignment.learnt_kernel import LearntKernel
from videoalignment.models.tmk import TMK, TrainableWhitening
from videoalignment.pca import Whitening
from videoalignment.periods import PeriodSet
from videoalignment.provenance import FeatureRecipe

UNTRAINED = "none"
_OF_FILE = ("m", "T", "norm", "beta", "use_pca")

logger = logging.getLogger(__name__)


class LAMV(TMK):
    """The temporal match kernel with learnt weights (LAMV, CVPR 2018).

    Reads from `args` what TMK reads, and lamv_weights: a file that `videoalignment.train` wrote,
    which has its own periods, normalisation and whitenings, or "none". Without a file it is TMK to
    the last digit, ready to be trained; an evaluation takes the weights that ship with the package
    where there are some for the features at hand.
    """

    options: ClassVar[dict[str, Any]] = {**TMK.options, "lamv_weights": None}

    kernel: LearntKernel

    def __init__(self, args: Any = None) -> None:
        options = self.read_options(args)
        learnt = _read(options["lamv_weights"])
        if learnt is not None:
            options |= {"T": learnt.kernel, "norm": learnt.normalisation}
        super().__init__(SimpleNamespace(**options))
        if learnt is not None:
            self._take(learnt)

    @classmethod
    def kernel_class(cls) -> type[LearntKernel]:
        return LearntKernel

    @classmethod
    def check_options(cls, options: Mapping[str, Any]) -> None:
        super().check_options(options)
        if options["lamv_weights"] not in (None, UNTRAINED):
            for name in _OF_FILE:
                if options[name] != TMK.options[name]:
                    raise OptionError(f"`{name}` does not apply: `lamv_weights` has its own")

    @classmethod
    def name_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Weights are told apart by what they are, not by where they lie."""
        named = super().name_options(options)
        if (learnt := _read(options["lamv_weights"])) is not None:
            named["lamv_weights"] = learnt.digest[:8]
        return named

    @classmethod
    def fit_features(
        cls,
        options: Mapping[str, Any],
        recipe: Callable[[], FeatureRecipe | None],
        longest_frames: Callable[[], int],
    ) -> Mapping[str, Any]:
        """With the weights that ship with the package for such features, if nothing was asked for.

        Options that say what the kernel is, such as T, ask for an untrained one.
        """
        asked_for = any(options[name] != TMK.options[name] for name in _OF_FILE)
        if options["lamv_weights"] is not None or asked_for:
            return options
        made = recipe()
        path = made and shipped_weights_path(made.network, made.level, longest_frames())
        if not path:
            logger.warning(
                "no weights ship with the package for these features: LAMV is untrained, which is "
                "TMK; give `lamv_weights`"
            )
            return options
        logger.info("LAMV with the weights %s of the package", path.name)
        return {**options, "lamv_weights": str(path)}

    def _take(self, learnt: LamvWeights) -> None:
        self.kernel.log_weights.data = learnt.weights.log()
        self.kernel.strengths.data = torch.tensor(learnt.strengths)
        self.whitenings = nn.ModuleList(TrainableWhitening(w) for w in learnt.whitenings)

    def learnt(
        self, recipe: FeatureRecipe | None = None, training: Mapping[str, Any] | None = None
    ) -> LamvWeights:
        """What the model has learnt, for a file.

        Args:
            recipe: of the features that it was trained on.
            training: a record of the training, as JSON types.
        """
        kernel = self.kernel
        count = len(kernel.periods)
        coefficients = kernel.coefficients.detach().cpu().double().expand(count, -1) / count
        feat, freq = kernel.strengths.detach().cpu().tolist()
        return LamvWeights(
            PeriodSet(
                tuple(kernel.periods.tolist()), tuple(map(tuple, coefficients.float().tolist()))
            ),
            kernel.normalisation,
            kernel.weights.detach().cpu(),
            (feat, freq),
            tuple(
                Whitening(w.mean.detach().cpu(), w.DVt.detach().cpu())
                for w in self.whitenings
                if isinstance(w, TrainableWhitening)
            ),
            recipe,
            training or {},
        )


def _read(weights: str | Path | None) -> LamvWeights | None:
    return None if weights in (None, UNTRAINED) else read_lamv_weights(Path(str(weights)))
