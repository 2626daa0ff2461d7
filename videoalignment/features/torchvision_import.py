"""torchvision, importable beside a CPU-only torch.

torchvision's default wheels hold a library compiled for CUDA. With a CPU-only torch it does not
load, and then torchvision's Python part fails at import, because it registers kernels for
operators that nobody defined (`operator torchvision::nms does not exist`). This project uses
torchvision's networks, transforms and weights, never those operators, so declaring their schemas
is enough. Where torchvision's library loads, nothing is declared.

This is the only place that imports torchvision first:
`from videoalignment.features.torchvision_import import torchvision`.
"""

import importlib.util
from pathlib import Path

import torch

# The operators that torchvision's Python part registers kernels for while it is imported.
_SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def _load_compiled_operators() -> None:
    """Load torchvision's own operator library where it fits this torch."""
    package = importlib.util.find_spec("torchvision")
    if package is None or package.origin is None:
        return  # the import below says what is missing
    for library in Path(package.origin).parent.glob("_C*"):
        try:
            torch.ops.load_library(library)
        except OSError:  # built for another torch, e.g. one with CUDA
            continue


def _declare_missing_operators() -> torch.library.Library:
    """Declare the schemas of the operators that are still undefined.

    Returns:
        The library that holds the declarations; they last as long as it does.
    """
    declarations = torch.library.Library("torchvision", "FRAGMENT")
    for name, schema in _SCHEMAS.items():
        if not hasattr(torch.ops.torchvision, name):
            declarations.define(schema)
    return declarations


_load_compiled_operators()
_declarations = _declare_missing_operators()

import torchvision  # noqa: E402

__all__ = ["torchvision"]
