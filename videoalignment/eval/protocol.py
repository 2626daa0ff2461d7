"""What a protocol is: how a dataset is evaluated, and the options of that."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from videoalignment.configurable import Configurable
from videoalignment.datasets import VideoDataset
from videoalignment.errors import OptionError
from videoalignment.eval.finder import SegmentFinder
from videoalignment.eval.result import Result
from videoalignment.eval.steps import Run
from videoalignment.models import Model


class Protocol(Configurable, ABC):
    """How a dataset is evaluated. To add one: a module with a subclass, and an entry in PROTOCOLS.

    A dataset names its protocol (`VideoDataset.protocol`). The class attribute `options` lists the
    protocol's own options with their defaults; `evaluate` takes them by keyword.
    """

    name: ClassVar[str]
    reads: ClassVar[tuple[str, ...]] = ()
    """Attributes that a dataset has beside those of every `VideoDataset`: what is true of it."""

    takes_finders: ClassVar[bool] = False
    """Whether it evaluates a `SegmentFinder` as it does a model."""

    @staticmethod
    @abstractmethod
    def evaluate(dataset: Any, model: Any, run: Run, **options: Any) -> Result:
        """Evaluate a model on a dataset.

        Args:
            dataset: has what the protocol reads.
            model: a `Model` on the device of `run`, or a `SegmentFinder` where they are taken.
            run: how to compute; its timings are filled.
            options: of the protocol.

        Raises:
            VideoAlignmentError: an option or features cannot be used.
        """

    @classmethod
    def check_takes(cls, method: type[Configurable], name: str, dataset: str) -> None:
        """Refuse a method that the protocol does not evaluate.

        Args:
            method: a class of `METHODS`.
            name: how it was asked for.
            dataset: likewise.

        Raises:
            OptionError: it is of the wrong kind.
        """
        if issubclass(method, Model) or (cls.takes_finders and issubclass(method, SegmentFinder)):
            return
        if issubclass(method, SegmentFinder):
            raise OptionError(
                f"`model` {name} finds copied segments, which {dataset} does not ask for; it goes "
                "with VCSL and VSC"
            )
        raise OptionError(f"`model` {name}: expected a subclass of Model or SegmentFinder")

    @classmethod
    def check_fits(cls, dataset: type[VideoDataset]) -> None:
        """Refuse a dataset that lacks what the protocol reads.

        Raises:
            OptionError: it lacks something; the message says what.
        """
        missing = [name for name in cls.reads if not hasattr(dataset, name)]
        if missing:
            raise OptionError(
                f"`dataset` {dataset.name}: its protocol, {cls.name}, reads "
                f"{', '.join(missing)}, which {dataset.__name__} does not have"
            )
