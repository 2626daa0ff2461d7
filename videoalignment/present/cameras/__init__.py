"""Cameras cut to one span: the same number of frames, of the same moments."""

from videoalignment.present.cameras.cut import write_camera_cuts
from videoalignment.present.cameras.records import CameraCut, Span
from videoalignment.present.cameras.span import shared_span

__all__ = ["CameraCut", "Span", "shared_span", "write_camera_cuts"]
