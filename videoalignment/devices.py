"""Where tensors are computed."""

import torch

from videoalignment.errors import VideoAlignmentError

DEVICES = ("auto", "cpu", "cuda")


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" is the GPU where there is one.

    Products of matrices are kept in full float32 (no TF32), as the published protocol needs.

    Raises:
        VideoAlignmentError: the name is unknown, or there is no usable GPU.
    """
    if name not in DEVICES:
        raise VideoAlignmentError(f"device {name!r}: expected one of {', '.join(DEVICES)}")
    torch.set_float32_matmul_precision("highest")
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise VideoAlignmentError("device cuda: this torch sees no GPU; use --device cpu")
    return torch.device("cuda" if name != "cpu" and available else "cpu")
