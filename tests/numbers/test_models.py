from argparse import Namespace
from typing import NamedTuple

import pytest
import torch
from made_up import obvious_model

from videoalignment.errors import VideoAlignmentError
from videoalignment.models import CTE, MODELS, TMK, SumAggregation, TMK_Poullot

D = 8
SHAPES = {
    "TMK": (4, 32, D),
    "LAMV": (4, 32, D),
    "TMK_Poullot": (4, 32, D),
    "CTE": (D, 32),
    "SumAggregation": (D,),
}


class Args(NamedTuple):
    m: int = 16
    fft_length: int = 400


def videos(frames: int, seed: int = 0, batch: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    ts = torch.randn(batch, frames, D, generator=torch.Generator().manual_seed(seed))
    return ts, torch.arange(frames).float().expand(batch, -1)


@pytest.fixture(params=MODELS)
def name(request) -> str:
    return request.param


@pytest.fixture
def model(name):
    return MODELS[name](Args())


def test_scores_equal_the_obvious_way(name, model):
    (a, xa), (b, xb) = videos(30), videos(50, seed=1)
    fv_a, fv_b = model.single_fv(a, xa), model.single_fv(b, xb)
    assert fv_a.shape == (2, *SHAPES[name])
    offsets = torch.stack([torch.arange(-60, 60).float(), torch.arange(-30, 90) / 2])
    scores = model.score_pair(fv_a, fv_b, offsets)
    describe, score = obvious_model(name, 16, 400)
    for i in range(2):
        slow = score(describe(a[i], xa[i]), describe(b[i], xb[i]), offsets[i])
        torch.testing.assert_close(
            scores[i].double(), slow, rtol=1e-4, atol=float(1e-4 * slow.abs().max())
        )


def test_one_row_of_offsets_serves_all_pairs(model):
    fv_a, fv_b = model.single_fv(*videos(30)), model.single_fv(*videos(50, seed=1))
    offsets = torch.arange(-9, 9).float()[None]
    torch.testing.assert_close(
        model.score_pair(fv_a, fv_b, offsets), model.score_pair(fv_a, fv_b, offsets.expand(2, -1))
    )


@pytest.mark.parametrize(
    "model",
    [TMK(Namespace(norm="freq")), TMK(Namespace(norm="matrix")), TMK_Poullot(), CTE(Args()),
     SumAggregation()],
    ids=["TMK freq", "TMK matrix", "TMK_Poullot", "CTE", "SumAggregation"],
)  # fmt: skip
def test_a_shift_moves_the_scores(model):
    """Later time stamps of a by s: what scored at delta now scores at delta + s.

    "feat" divides the sine and the cosine row of a frequency each by its own norm, so there a shift
    changes the scores a little; the next test covers it.
    """
    fv_a, fv_b = model.single_fv(*videos(30)), model.single_fv(*videos(50, seed=1))
    offsets = torch.arange(-40, 40).float()[None]
    expected = model.score_pair(fv_a, fv_b, offsets)
    tolerance = {"rtol": 1e-3, "atol": float(1e-4 * expected.abs().max())}
    later_a = model.score_pair(model.shift_fv(fv_a, 12.5), fv_b, offsets + 12.5)
    torch.testing.assert_close(later_a, expected, **tolerance)
    later_b = model.score_pair(fv_a, model.shift_fv(fv_b, 12.5), offsets - 12.5)
    torch.testing.assert_close(later_b, expected, **tolerance)


@pytest.mark.parametrize("norm", ["feat", "feat_freq"])
def test_a_shift_moves_the_best_offset(norm):
    model, (b, xb) = TMK(Namespace(norm=norm)), videos(150)
    fv_a, fv_b = model.single_fv(b[:, 20:120], xb[:, :100]), model.single_fv(b, xb)
    offsets = torch.arange(-150, 150).float()[None]
    best = [
        offsets[0, model.score_pair(model.shift_fv(fv_a, shift), fv_b, offsets).argmax(1)]
        for shift in (0, 50)
    ]
    assert ((best[1] - best[0] - 50).abs() <= 1).all()


@pytest.mark.parametrize(("kind", "m"), [(TMK, 16), (TMK_Poullot, 16), (CTE, 64)])
def test_a_hidden_clip_is_found(kind, m):
    generator = torch.Generator().manual_seed(0)
    b = torch.nn.functional.normalize(torch.randn(1, 150, 512, generator=generator), dim=-1)
    a = b[:, 20:120]
    model = kind(Namespace(m=m))
    scores = model.forward_pair(
        a, b, torch.arange(100.0).view(1, -1), torch.arange(150.0).view(1, -1)
    )
    assert abs(int(scores.argmax()) - 150 + 20) <= 2


def test_zeros_as_written():
    class OnlyM(NamedTuple):
        m: int = 16

    model = TMK_Poullot(OnlyM())
    fv_a = model.single_fv(torch.zeros(1, 300, 512), torch.zeros(1, 300))
    fv_b = model.single_fv(torch.zeros(1, 400, 512), torch.zeros(1, 400))
    scores = model.score_pair(fv_a, fv_b, torch.arange(-400, 400).view(1, -1).float())
    assert scores.shape == (1, 800)
    assert not scores.any()


def test_zeros_score_zero_with_every_model(model):
    zeros = model.single_fv(torch.zeros(1, 30, D), torch.zeros(1, 30))
    assert not model.score_pair(zeros, zeros, torch.arange(-9, 9).float()[None]).any()


def test_forward_pair_searches_as_far_as_the_longer_video(model):
    (a, xa), (b, xb) = videos(30), videos(50, seed=1)
    expected = model.score_pair(
        model.single_fv(a, xa), model.single_fv(b, xb), torch.arange(-50, 50).float()[None]
    )
    for call in (model.forward_pair, model.score, model, model.forward):
        torch.testing.assert_close(call(a, b, xa, xb), expected)
    some = torch.tensor([[-3, 0, 4]])
    torch.testing.assert_close(model(a, b, xa, xb, some), expected[:, [47, 50, 54]])


def test_what_args_lack_takes_the_default(name):
    for args in (None, Namespace(), Namespace(m=None, fft_length=None, T=None, norm=None)):
        model = MODELS[name](args)
        assert model.single_fv(*videos(30)).shape[0] == 2


def test_options_of_tmk():
    model = TMK(Namespace(T=[50, 20], m=4, norm="matrix", beta=8))
    assert model.single_fv(*videos(30)).shape == (2, 2, 8, D)
    assert model.kernel.normalisation == "matrix"


def test_the_length_of_cte_holds_the_two_longest_videos():
    def fit(**given):
        return CTE.fit_options(CTE.resolve_options(given), lambda: 1000)["fft_length"]

    assert fit(m=64) == 2000
    assert fit(m=1024) == 4096  # as the frequencies ask for
    assert fit(m=64, fft_length=500) == 500


def test_models_without_such_options_leave_them_as_they_are():
    for kind in (TMK, TMK_Poullot, SumAggregation):
        options = kind.resolve_options({})
        assert kind.fit_options(options, lambda: pytest.fail("was asked")) == options


def test_what_no_option_of_a_model_says_is_ignored(name):
    args = Namespace(m=16, depth=3, tmk_init="von_mises", pca_mean="no.t7", multiple_pca=1)
    assert MODELS[name](args).single_fv(*videos(30)).shape[0] == 2


def test_gradients_flow_through_score_pair():
    model = TMK(Args())
    model.kernel.coefficients.requires_grad_()
    model(*(videos(30)[0], videos(50)[0], videos(30)[1], videos(50)[1])).max().backward()
    assert model.kernel.coefficients.grad.abs().sum() > 0


def test_sum_aggregation_is_one_cosine_at_every_offset():
    (a, xa), (b, xb) = videos(30), videos(50, seed=1)
    scores = SumAggregation()(a, b, xa, xb)
    cosine = torch.nn.functional.cosine_similarity(a.sum(1), b.sum(1))
    torch.testing.assert_close(scores, cosine[:, None].expand(-1, 100))


# ------------------------------------------------------------------ whitening


@pytest.fixture
def pca(tmp_path) -> Namespace:
    torch.manual_seed(0)
    torch.save(torch.randn(1, D), tmp_path / "mean.t7")
    # as torch 1.1 saved it
    torch.save(torch.randn(5, D), tmp_path / "DVt.t7", _use_new_zipfile_serialization=False)
    files = {"pca_mean": str(tmp_path / "mean.t7"), "pca_DVt": str(tmp_path / "DVt.t7")}
    return Namespace(use_pca=1, m=16, **files)


def test_tmk_whitens_frames_first(pca):
    mean, DVt = torch.load(pca.pca_mean), torch.load(pca.pca_DVt)
    ts, xs = videos(30)
    whitened = torch.nn.functional.normalize((ts - mean) @ DVt.T, dim=-1)
    expected = TMK().single_fv(whitened, xs)
    torch.testing.assert_close(TMK(pca).single_fv(ts, xs), expected)


def test_one_whitening_a_period_starts_equal(pca):
    several = TMK(Namespace(**{**vars(pca), "multiple_pca": 1}))
    assert len(several.whitenings) == 4
    ts, xs = videos(30)
    torch.testing.assert_close(several.single_fv(ts, xs), TMK(pca).single_fv(ts, xs))
    with torch.no_grad():
        several.whitenings[2].DVt.neg_()
    changed = several.single_fv(ts, xs) - TMK(pca).single_fv(ts, xs)
    assert changed.abs().amax((0, 2, 3)).nonzero().flatten().tolist() == [2]


def test_whitening_leaves_padding_zero(pca):
    ts, xs = videos(30)
    padded = torch.nn.functional.pad(ts, (0, 0, 0, 7))
    times = torch.nn.functional.pad(xs, (0, 7), value=3)
    torch.testing.assert_close(TMK(pca).single_fv(padded, times), TMK(pca).single_fv(ts, xs))


def test_whitening_of_another_width(pca):
    torch.save(torch.zeros(1, D + 1), pca.pca_mean)
    with pytest.raises(VideoAlignmentError, match=rf"\(5, {D}\).*\(1, {D + 1}\)"):
        TMK(pca)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pca_mean": None}, "`use_pca` needs two files: `pca_mean`"),
        ({"pca_DVt": "no/such.t7"}, r"no/such\.t7: no such file"),
        ({"pca_DVt": __file__}, "test_models.py: not a readable PCA"),
    ],
)
def test_unusable_whitening_files_are_named(pca, change, message):
    with pytest.raises(VideoAlignmentError, match=message):
        TMK(Namespace(**{**vars(pca), **change}))


def test_a_whitening_file_runs_nothing(pca, tmp_path):
    """`torch.load` would call whatever a file asks for, were it trusted."""
    ran = tmp_path / "ran"

    class Payload:
        def __reduce__(self):
            return (open, (str(ran), "w"))

    torch.save(Payload(), pca.pca_mean)
    with pytest.raises(VideoAlignmentError, match="not a readable PCA"):
        TMK(pca)
    assert not ran.exists()


def test_a_file_of_something_else_is_named(pca):
    torch.save({"mean": torch.zeros(1)}, pca.pca_mean)
    with pytest.raises(VideoAlignmentError, match="holds no plain tensor"):
        TMK(pca)
