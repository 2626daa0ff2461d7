import pytest
import torch

from videoalignment.devices import choose_device
from videoalignment.errors import OptionError, VideoAlignmentError


def test_cpu():
    assert choose_device("cpu") == torch.device("cpu")


def test_auto_is_the_gpu_where_there_is_one():
    assert choose_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_no_gpu():
    with pytest.raises(VideoAlignmentError, match=r"`device` cuda:1: .* no GPU; use cpu"):
        choose_device("cuda:1")


@pytest.mark.parametrize("device", ["tpu", "cuda:x", "", "meta", None, torch.device("meta")])
def test_an_unknown_device(device):
    with pytest.raises(OptionError, match=r"`device` .*: expected one of auto, cpu, cuda"):
        choose_device(device)


def test_a_device_stays_itself():
    assert choose_device(torch.device("cpu")) == torch.device("cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_gpus_have_numbers():
    assert choose_device("cuda:0") == torch.device("cuda:0")
    with pytest.raises(OptionError, match="`device` cuda:99: the GPUs are numbered 0 to"):
        choose_device("cuda:99")


def test_products_keep_full_precision():
    torch.set_float32_matmul_precision("medium")
    choose_device("cpu")
    assert torch.get_float32_matmul_precision() == "highest"
