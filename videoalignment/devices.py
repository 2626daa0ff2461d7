"""Where tensors are computed."""

import torch

from videoalignment.errors import OptionError

DEVICES = ("auto", "cpu", "cuda")


def choose_device(device: str | torch.device = "auto") -> torch.device:
    """The device meant; "auto" is the GPU where there is one.

    Products of matrices are kept in full float32 (no TF32), as the published protocol needs.

    Args:
        device: a name of `DEVICES`, one with a number ("cuda:1"), or a device, which stays itself.

    Raises:
        OptionError: the name is unknown, or there is no such GPU.
    """
    torch.set_float32_matmul_precision("highest")
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except (RuntimeError, TypeError):
        chosen = None
    if chosen is None or chosen.type not in DEVICES:
        known = ", ".join(DEVICES)
        raise OptionError(f"`device` {str(device)!r}: expected one of {known}, or cuda:1 and so on")
    if chosen.type == "cuda":
        _check_gpu(chosen)
    return chosen


def _check_gpu(device: torch.device) -> None:
    if not torch.cuda.is_available():
        raise OptionError(f"`device` {device}: this torch sees no GPU; use cpu")
    count = torch.cuda.device_count()
    if (device.index or 0) >= count:
        raise OptionError(f"`device` {device}: the GPUs are numbered 0 to {count - 1}")
