"""Each test in a process of its own: operators cannot be undefined again."""

import subprocess
import sys

import pytest


def run(program: str) -> str:
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_torchvision_is_imported_whatever_torch_it_was_built_for():
    assert run(
        "from videoalignment.features._torchvision import torchvision\n"
        "net = torchvision.models.resnet18(weights=None)\n"
        "print(type(net).__name__)"
    ).split() == ["ResNet"]


def test_it_may_be_imported_twice():
    run(
        "from videoalignment.features._torchvision import torchvision\n"
        "import importlib, videoalignment.features._torchvision as module\n"
        "importlib.reload(module)"
    )


@pytest.mark.parametrize("existing", ["nms", "qnms"])
def test_an_operator_that_exists_is_not_declared(existing):
    """Declaring it twice would raise; and the one that exists stays as it is."""
    program = f"""
import torch
from videoalignment.features import _torchvision as ours
first = ours._declarations
declared = []
class Recorder:
    def __init__(self, *_): pass
    def define(self, schema): declared.append(schema.split("(")[0])
torch.library.Library = Recorder
ours._SCHEMAS["none_such"] = "none_such() -> ()"
ours._declare_missing_operators()
assert hasattr(torch.ops.torchvision, {existing!r})
print(declared)
"""
    assert run(program).strip() == "['none_such']"


def test_a_schema_that_exists_keeps_its_kernel():
    program = """
import torch
library = torch.library.Library("torchvision", "DEF")
library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
library.impl("nms", lambda dets, scores, threshold: scores + 1, "CPU")
import videoalignment.features._torchvision as ours
print(torch.ops.torchvision.nms(torch.zeros(1, 4), torch.zeros(1), 0.5).item())
"""
    assert run(program).strip() == "1.0"
