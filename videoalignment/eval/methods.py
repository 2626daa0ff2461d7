"""What can be evaluated, by name: the models, and what is no model but finds copied segments."""

from typing import TYPE_CHECKING

from videoalignment.models import MODELS
from videoalignment.registry import Registry

if TYPE_CHECKING:
    from videoalignment.configurable import Configurable

FINDERS = {"align": "videoalignment.eval.finder:CoarseFinder"}

METHODS: "Registry[type[Configurable]]" = Registry(
    "model", {**MODELS.homes, **FINDERS}, base="videoalignment.configurable:Configurable"
)
"""Subclasses of `models.Model` or of `eval.finder.SegmentFinder`."""
