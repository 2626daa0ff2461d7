"""Each test in a process of its own: operators cannot be undefined again."""

import subprocess
import sys

import pytest

SCHEMAS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
IMPORT = "from videoalignment.features.torchvision_import import torchvision\n"


def run(program: str) -> str:
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_torchvision_is_imported_whatever_torch_it_was_built_for():
    assert run(
        f"{IMPORT}net = torchvision.models.resnet18(weights=None)\nprint(type(net).__name__)"
    ).split() == ["ResNet"]


def test_it_may_be_imported_twice():
    run(
        f"{IMPORT}"
        "import importlib, videoalignment.features.torchvision_import as module\n"
        "importlib.reload(module)"
    )


@pytest.mark.parametrize("existing", SCHEMAS)
def test_an_operator_that_exists_is_not_declared_again(existing):
    """Declaring it twice would raise; the other one, which is missing, is declared."""
    program = (
        "import torch\n"
        'library = torch.library.Library("torchvision", "DEF")\n'
        f"library.define({SCHEMAS[existing]!r})\n"
        f"{IMPORT}"
        f"print([hasattr(torch.ops.torchvision, name) for name in {list(SCHEMAS)}])"
    )
    assert run(program).strip() == "[True, True]"


def test_a_schema_that_exists_keeps_its_kernel():
    program = f"""
import torch
library = torch.library.Library("torchvision", "DEF")
library.define({SCHEMAS["nms"]!r})
library.impl("nms", lambda dets, scores, threshold: scores + 1, "CPU")
{IMPORT}
print(torch.ops.torchvision.nms(torch.zeros(1, 4), torch.zeros(1), 0.5).item())
"""
    assert run(program).strip() == "1.0"
