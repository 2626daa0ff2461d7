"""LAMV: untrained it is TMK to the digit; its files of weights, and what is refused of them."""

import json
from argparse import Namespace
from dataclasses import replace

import pytest
import torch
from made_up import RECIPE
from safetensors.torch import load_file, save_file

from videoalignment.errors import FeatureMismatchError, OptionError, UnusableFileError
from videoalignment.lamv_weights import LamvWeights, read_lamv_weights, shipped_weights_path
from videoalignment.models import LAMV, TMK
from videoalignment.pca import Whitening
from videoalignment.periods import FREQUENCIES, PeriodSet, auto_periods
from videoalignment.temporal_match_kernel import NORMALISATIONS

OFFSETS = torch.arange(-60.0, 60.0)[None]


def videos(seed: int = 0, d: int = 8) -> tuple[torch.Tensor, ...]:
    """Two videos, and their time stamps: what `forward_pair` takes."""
    generator = torch.Generator().manual_seed(seed)
    ts = torch.randn(2, 2, 50, d, generator=generator)
    xs = torch.rand(2, 2, 50, generator=generator).cumsum(2)
    return ts[0], ts[1], xs[0], xs[1]


def some_weights(seed: int = 0, **changes) -> LamvWeights:
    generator = torch.Generator().manual_seed(seed)
    weights = LamvWeights(
        PeriodSet((31.5, 13.0), ((0.1, 0.5, 0.2), (0.3, 0.2, 0.4))),
        "feat_freq",
        torch.rand(2, 3, generator=generator) + 0.5,
        (0.5, 1.25),
        (),
        RECIPE,
        {"seed": seed, "epochs": 3},
    )
    return replace(weights, **changes)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "weights.safetensors"
    some_weights().write(path)
    return path


@pytest.mark.parametrize("norm", NORMALISATIONS)
@pytest.mark.parametrize("periods", [TMK.options["T"], (100.5, 30), auto_periods(9085)])
def test_untrained_it_is_tmk_to_the_digit(norm, periods):
    args = Namespace(norm=norm, T=periods)
    one, other = LAMV(args), TMK(args)
    assert torch.equal(one(*videos(), OFFSETS), other(*videos(), OFFSETS))


def test_all_that_it_learns_changes_scores_and_has_gradients():
    model = LAMV()
    learnt = [model.kernel.log_weights, model.kernel.log_mix, model.kernel.strengths]
    for parameter in learnt:
        parameter.requires_grad_(True)
    model(*videos(), OFFSETS).square().sum().backward()
    assert all(parameter.grad.abs().amax() > 0 for parameter in learnt)


def test_weights_multiply_the_frequencies_of_the_score():
    """A slow second way: the score of each frequency alone, added up with its weight."""
    periods, m = (31.0, 13.0), 3
    model = LAMV(Namespace(T=periods, m=m))
    weights = torch.tensor([[0.5, 2.0, 1.0], [1.5, 0.25, 3.0]])
    expected = torch.zeros(2, OFFSETS.shape[1])
    for p in range(2):
        for i in range(m):
            alone = torch.full_like(weights, -40)
            alone[p, i] = 0
            model.kernel.log_weights.data = alone
            expected += weights[p, i] * model(*videos(), OFFSETS)
    model.kernel.log_weights.data = weights.log()
    torch.testing.assert_close(model(*videos(), OFFSETS), expected)


def test_strengths_of_zero_normalise_nothing():
    model = LAMV()
    model.kernel.strengths.data = torch.zeros(2)
    fv = model.single_fv(torch.randn(1, 9, 4), torch.arange(9.0)[None])
    torch.testing.assert_close(model.kernel.normalise(fv), fv)


def test_a_file_gives_the_model_back(tmp_path):
    model = LAMV(Namespace(T=(100.5, 30), m=5, beta=8.0))
    torch.manual_seed(0)
    model.kernel.log_weights.data.normal_()
    model.kernel.log_mix.data.normal_()
    model.kernel.strengths.data = torch.tensor([0.3, 0.9])
    path = tmp_path / "mine.safetensors"
    model.learnt(RECIPE, {"seed": 1}).write(path)
    again = LAMV(Namespace(lamv_weights=path))
    torch.testing.assert_close(again(*videos(), OFFSETS), model(*videos(), OFFSETS))
    read = read_lamv_weights(path)
    assert (read.recipe, read.training, read.kernel.periods) == (RECIPE, {"seed": 1}, (100.5, 30))
    again.learnt(RECIPE, {"seed": 1}).write(tmp_path / "again.safetensors")
    assert read_lamv_weights(tmp_path / "again.safetensors").digest == read.digest


@pytest.mark.parametrize("count", [1, 2])
def test_whitenings_are_kept_and_applied(tmp_path, count):
    generator = torch.Generator().manual_seed(0)
    whitenings = tuple(
        Whitening(torch.randn(1, 8, generator=generator), torch.randn(5, 8, generator=generator))
        for _ in range(count)
    )
    path = tmp_path / "white.safetensors"
    some_weights(whitenings=whitenings).write(path)
    model = LAMV(Namespace(lamv_weights=path))
    ts, _, xs, _ = videos()
    fv = model.single_fv(ts, xs)
    assert fv.shape == (2, 2, 6, 5)
    plain = LAMV(Namespace(lamv_weights=path))
    plain.whitenings = torch.nn.ModuleList()
    for p in range(2):
        expected = plain.single_fv(whitenings[p % count](ts), xs)[:, p]
        torch.testing.assert_close(fv[:, p], expected)


def test_a_whitening_of_other_features_is_refused(tmp_path):
    path = tmp_path / "white.safetensors"
    some_weights(whitenings=(Whitening(torch.zeros(1, 9), torch.eye(9)),)).write(path)
    with pytest.raises(FeatureMismatchError, match=r"8 .* 9"):
        LAMV(Namespace(lamv_weights=path))(*videos(d=8), OFFSETS)


def test_the_digest_stands_for_the_numbers(file):
    weights = read_lamv_weights(file)
    assert weights.digest == some_weights().digest
    assert weights.digest == replace(weights, training={}).digest
    assert weights.digest != replace(weights, weights=weights.weights * 1.5).digest
    assert weights.digest != replace(weights, strengths=(1.0, 1.0)).digest
    assert weights.digest != replace(weights, normalisation="freq").digest


# ------------------------------------------------------------------ options


def resolved(**given) -> dict:
    return LAMV.resolve_options(given)


def test_a_file_names_the_run_by_its_content(file, tmp_path):
    (tmp_path / "copy").write_bytes(file.read_bytes())
    names = [LAMV.name_options(resolved(lamv_weights=str(p))) for p in (file, tmp_path / "copy")]
    assert names[0] == names[1] == {"lamv_weights": some_weights().digest[:8]}
    assert LAMV.name_options(resolved(lamv_weights="none")) == {"lamv_weights": "none"}
    assert LAMV.name_options(resolved()) == {}


@pytest.mark.parametrize(
    "given", [{"T": (5, 3)}, {"T": "auto"}, {"m": 8}, {"norm": "feat"}, {"beta": 8.0}]
)
def test_what_the_file_says_cannot_be_said_again(file, given):
    with pytest.raises(OptionError, match=f"`{next(iter(given))}` does not apply"):
        resolved(lamv_weights=str(file), **given)


def test_weights_that_ship_are_taken_where_nothing_was_asked_for():
    def fitted(recipe, **given):
        return LAMV.fit_features(resolved(**given), lambda: recipe, lambda: 150)["lamv_weights"]

    lite = replace(RECIPE, network="efficientnet_lite0", level=12)
    shipped = fitted(lite)
    learnt = read_lamv_weights(shipped)
    assert (learnt.recipe.network, learnt.recipe.level) == ("efficientnet_lite0", 12)
    assert fitted(None) is fitted(RECIPE) is None
    assert fitted(lite, lamv_weights="none") == "none"
    assert fitted(lite, T=(5, 3)) is None


@pytest.mark.parametrize("longest", [150, 1024, 4096, 9085, 18886, 40000])
def test_what_ships_is_for_the_range_and_did_better_on_clips_that_it_was_not_fitted_to(longest):
    learnt = read_lamv_weights(shipped_weights_path("efficientnet_lite0", 12, longest))
    assert learnt.training["longest_frames"] >= longest
    assert len(learnt.kernel.periods) * learnt.kernel.m == FREQUENCIES
    before, after = learnt.training["before"], learnt.training["after"]
    assert after["loss"] < before["loss"] and after["below_100_ms"] > before["below_100_ms"]


def test_nothing_ships_for_other_features_or_longer_videos():
    assert shipped_weights_path("resnet34", 29, 100) is None
    assert shipped_weights_path("efficientnet_lite0", 12, 10_000_000) is None


# ------------------------------------------------------------------ hostile files


def rewritten(path, tensors=(), about=()):
    """The same file with some of its tensors and some of its metadata changed; None drops one."""
    changed = {**load_file(path), **dict(tensors)}
    metadata = {
        "format": "videoalignment LAMV 1",
        "normalisation": "feat_freq",
        "recipe": "null",
        "training": "{}",
        **dict(about),
    }
    save_file(
        {name: tensor for name, tensor in changed.items() if tensor is not None},
        path,
        {name: text for name, text in metadata.items() if text is not None},
    )


@pytest.mark.parametrize(
    ("tensors", "about", "message"),
    [
        ({"weights": torch.ones(2, 4)}, {}, "weights of shape"),
        ({"weights": torch.ones(3)}, {}, "weights of shape"),
        ({"weights": -torch.ones(2, 3)}, {}, "weights: expected numbers from"),
        ({"weights": torch.zeros(2, 3)}, {}, "weights: expected numbers from"),
        ({"weights": torch.full((2, 3), torch.nan)}, {}, "weights holds NaN"),
        ({"weights": torch.full((2, 3), 1e9)}, {}, "weights holds numbers too large"),
        ({"weights": torch.ones(2, 3).long()}, {}, "weights holds torch.int64"),
        ({"weights": torch.ones(0)}, {}, "weights holds"),
        ({"weights": None}, {}, "lacks the tensor weights"),
        ({"periods": torch.ones(3).double()}, {}, "expected 3 rows"),
        ({"periods": -torch.ones(2).double()}, {}, "expected numbers above 0"),
        ({"periods": torch.full((2,), 1e-320, dtype=torch.float64)}, {}, "periods: expected 1 to"),
        ({"periods": torch.full((2,), torch.inf)}, {}, "periods holds NaN or infinity"),
        ({"coefficients": -torch.ones(2, 3)}, {}, "expected numbers from 0 on"),
        ({"coefficients": torch.ones(6)}, {}, "coefficients of shape"),
        ({"coefficients": torch.ones(2, 1 << 17)}, {}, "coefficients of shape"),
        ({"strengths": torch.ones(3)}, {}, "strengths"),
        ({"strengths": torch.tensor([1.0, 99.0])}, {}, "strengths"),
        ({"whitening_mean": torch.ones(1, 8)}, {}, "lacks the tensor whitening_DVt"),
        (
            {"whitening_mean": torch.ones(1, 8), "whitening_DVt": torch.ones(1, 5, 9)},
            {},
            "do not fit together",
        ),
        (
            {"whitening_mean": torch.ones(3, 8), "whitening_DVt": torch.ones(3, 5, 8)},
            {},
            "3 whitenings",
        ),
        ({}, {"format": "pt"}, "no file of LAMV's weights"),
        ({}, {"format": None}, "no file of LAMV's weights"),
        ({}, {"normalisation": "x" * 1000}, "no normalisation 'xxx"),
        ({}, {"recipe": "{}"}, "expected a recipe"),
        ({}, {"recipe": "["}, "Expecting"),
        ({}, {"training": "[" * 100_000}, "weights"),
    ],
)
def test_what_no_kernel_can_have_is_refused_in_one_line(file, tensors, about, message):
    rewritten(file, tensors.items(), about.items())
    with pytest.raises(UnusableFileError, match=message) as error:
        read_lamv_weights(file)
    assert str(error.value).startswith(str(file)) and "\n" not in str(error.value)
    assert len(str(error.value)) < 600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 64,
        b"PK\x03\x04" + bytes(60),
        (10**15).to_bytes(8, "little") + b"{}",
        (60).to_bytes(8, "little")
        + b'{"weights":{"dtype":"F32","shape":[9],"data_offsets":[0,9]}}',
        (2).to_bytes(8, "little") + b"[]",
    ],
)
def test_what_is_no_safetensors_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError, match=r"weights\.safetensors: ") as error:
        read_lamv_weights(path)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(UnusableFileError, match=str(path)):
            LAMV(Namespace(lamv_weights=str(path)))


def test_the_record_is_plain_json(file):
    assert json.loads(json.dumps(read_lamv_weights(file).training)) == {"seed": 0, "epochs": 3}
