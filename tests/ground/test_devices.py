import pytest
import torch

from videoalignment.devices import choose_device
from videoalignment.errors import VideoAlignmentError


def test_cpu():
    assert choose_device("cpu") == torch.device("cpu")


def test_auto_is_the_gpu_where_there_is_one():
    assert choose_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_no_gpu():
    with pytest.raises(VideoAlignmentError, match="no GPU; use --device cpu"):
        choose_device("cuda")


def test_an_unknown_device():
    with pytest.raises(VideoAlignmentError, match="'tpu': expected one of auto, cpu, cuda"):
        choose_device("tpu")


def test_products_keep_full_precision():
    torch.set_float32_matmul_precision("medium")
    choose_device("cpu")
    assert torch.get_float32_matmul_precision() == "highest"
