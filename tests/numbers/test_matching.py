import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from videoalignment import matching
from videoalignment.errors import VideoAlignmentError
from videoalignment.matching import best_offsets
from videoalignment.models import CTE, MODELS
from videoalignment.progress import Progress
from videoalignment.spectrum import Spectra, score_pairs

D = 8


class Options:
    m = 16
    fft_length = 2000


def videos(count: int, *, smooth: bool = False, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Videos of one event each seen from its own moment on, or of noise."""
    generator = torch.Generator().manual_seed(seed)
    ts = torch.randn(count, 200, D, generator=generator)
    if smooth:
        walk = torch.randn(400, D, generator=generator).cumsum(0)
        starts = torch.randint(0, 200, (count,), generator=generator)
        ts = torch.stack([walk[s : s + 200] for s in starts]) + 0.1 * ts
    return ts, torch.arange(200).float().expand(count, -1)


def spectra_of(name: str, *, smooth: bool, queries: int = 5, videos_: int = 7):
    model = MODELS[name](Options())
    fv = model.single_fv(*videos(queries + videos_, smooth=smooth))
    return model.query_spectra(fv[:queries]), model.spectra(fv[queries:])


def full_scan(queries: Spectra, database: Spectra, offsets: torch.Tensor) -> torch.Tensor:
    """Every score, shape (Q, N, n)."""
    return torch.stack(
        [score_pairs(queries, _repeat(database[j : j + 1], queries), offsets[None])
         for j in range(len(database))], dim=1
    )  # fmt: skip


def _repeat(one: Spectra, many: Spectra) -> Spectra:
    return Spectra(one.cosines.expand_as(many.cosines), one.sines.expand_as(many.sines), one.turns)


def assert_best(found, scores: torch.Tensor, offsets: torch.Tensor, windows=None) -> None:
    """The highest score, at an offset that lies in the window and reaches it but for rounding."""
    windows = windows or [(0, len(offsets))] * scores.shape[1]
    tolerance = 1e-6 + 2e-6 * float(scores.abs().max())
    for j, (begin, end) in enumerate(windows):
        inside = scores[:, j, begin:end]
        torch.testing.assert_close(found.scores[:, j], inside.amax(1), rtol=0, atol=tolerance)
        index = torch.searchsorted(offsets, found.offsets[:, j].contiguous())
        assert torch.equal(offsets[index], found.offsets[:, j])
        assert ((begin <= index) & (index < end)).all()
        reached = inside.gather(1, (index - begin)[:, None])[:, 0]
        torch.testing.assert_close(reached, inside.amax(1), rtol=0, atol=tolerance)


@pytest.mark.parametrize("smooth", [True, False], ids=["smooth", "random"])
@pytest.mark.parametrize("name", MODELS)
def test_equals_a_full_scan(name, smooth):
    queries, database = spectra_of(name, smooth=smooth)
    offsets = torch.arange(-900, 900).float()
    found = best_offsets(queries, database, offsets)
    assert found.scores.shape == found.offsets.shape == (5, 7)
    assert_best(found, full_scan(queries, database, offsets), offsets)


@pytest.mark.parametrize("name", MODELS)
def test_windows_equal_a_full_scan_of_each(name):
    queries, database = spectra_of(name, smooth=True)
    offsets = torch.arange(-900, 900).float()
    windows = [(0, 1), (1799, 1800), (777, 779), (5, 60), (0, 1800), (63, 66), (850, 1731)]
    found = best_offsets(queries, database, offsets, windows=windows)
    assert_best(found, full_scan(queries, database, offsets), offsets, windows)


def test_the_coarse_scan_is_really_coarse():
    """Else the tests above would compare one full scan with another."""
    queries, database = spectra_of("TMK", smooth=True)
    assert matching._Scan(queries, database, torch.arange(-900.0, 900)).stride > 4


@st.composite
def scans(draw):
    """Any spectra with any evenly spaced offsets and any windows."""
    k, d = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    q, n = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    # mostly low frequencies, so that the stride is often large
    turns = torch.rand(k, generator=generator).double() * draw(st.sampled_from([0.001, 0.01, 0.5]))
    turns[0] *= draw(st.sampled_from([0, 1]))

    def spectra(count: int) -> Spectra:
        rows = torch.randn(2, count, k, d, generator=generator)
        rows[:, torch.rand(count, generator=generator) < 0.1] = 0
        return Spectra(*rows, turns)

    count, step = draw(st.integers(1, 300)), draw(st.sampled_from([1, 0.25, 3, 15]))
    offsets = draw(st.integers(-400, 100)) + step * torch.arange(count).float()
    windows = None
    if draw(st.booleans()):
        begins = [draw(st.integers(0, count - 1)) for _ in range(n)]
        windows = [(begin, draw(st.integers(begin + 1, count))) for begin in begins]
    return spectra(q), spectra(n), offsets, windows


@settings(max_examples=150)
@given(scans())
def test_any_scan_equals_a_full_one(scan):
    queries, database, offsets, windows = scan
    found = best_offsets(queries, database, offsets, windows=windows)
    assert_best(found, full_scan(queries, database, offsets), offsets, windows)


def test_blocks_change_nothing(monkeypatch):
    queries, database = spectra_of("TMK", smooth=True, queries=9, videos_=11)
    offsets = torch.arange(-900, 900).float()
    windows = [(j * 100, 1000 + j * 50) for j in range(11)]
    whole = best_offsets(queries, database, offsets, windows=windows)
    monkeypatch.setattr(matching, "_block_size", lambda frequencies, most: 4)
    blocks = best_offsets(queries, database, offsets, windows=windows)
    assert torch.equal(whole.offsets, blocks.offsets)
    torch.testing.assert_close(whole.scores, blocks.scores, rtol=1e-5, atol=1e-6)


def test_every_pair_counts_as_progress():
    queries, database = spectra_of("TMK", smooth=True)

    class Counter(Progress):
        pairs = 0

        def advance(self, steps: int = 1) -> None:
            self.pairs += steps

    counter = Counter("matching", 35)
    best_offsets(queries, database, torch.arange(9.0), progress=counter)
    assert counter.pairs == 35


def test_where_all_offsets_tie_the_first_is_taken():
    queries, database = spectra_of("SumAggregation", smooth=False)
    found = best_offsets(queries, database, torch.arange(-50.0, 50), windows=[(3, 90)] * 7)
    assert (found.offsets == -47).all()


def test_flat_scores_stay_within_memory():
    """A clip without frames scores 0 at every offset of every video."""
    resource = pytest.importorskip("resource")
    generator = torch.Generator().manual_seed(0)
    turns = torch.arange(512).double() / 40000
    rows = torch.randn(2, 40, 512, 2, generator=generator)
    rows[:, :30] = 0
    queries = Spectra(*rows, turns)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = best_offsets(queries, queries[35:], torch.arange(-10000.0, 10000))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (found.scores[:30] == 0).all()
    assert (found.offsets[:30] == -10000).all()
    assert grown < 1 << 20  # KiB


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", ["TMK", "TMK_Poullot", "CTE"])
def test_lower_precision_keeps_what_it_says(name, precision):
    """About three or two digits of the score."""
    queries, database = spectra_of(name, smooth=True)
    offsets = torch.arange(-900, 900).float()
    exact = best_offsets(queries, database, offsets).scores
    rough = best_offsets(queries, database, offsets, precision=precision).scores
    digits = 5e-3 if precision is torch.float16 else 5e-2
    assert (rough - exact).abs().max() <= digits * exact.abs().max()


def test_float16_holds_the_power_of_long_videos():
    """CTE divides by the query's power, which grows with its length."""
    model = CTE(Options())
    model.encoding.fft_length = 40000
    ts = torch.nn.functional.normalize(
        torch.randn(2, 1, D) + 0.05 * torch.randn(2, 16000, D), dim=2
    )
    fv = model.single_fv(ts, torch.arange(16000.0).expand(2, -1))
    offsets = torch.arange(-16000, 16000).float()
    spectra = model.query_spectra(fv), model.spectra(fv)
    exact = best_offsets(*spectra, offsets).scores
    rough = best_offsets(*spectra, offsets, precision=torch.float16).scores
    torch.testing.assert_close(rough, exact, rtol=1e-2, atol=1e-2 * float(exact.abs().max()))


# ------------------------------------------------------------------ errors


def _random_spectra(shape: tuple[int, int, int]) -> Spectra:
    return Spectra(torch.randn(shape), torch.randn(shape), torch.arange(shape[1]).double() / 90)


@pytest.mark.parametrize("other", [(2, 3, 5), (2, 4, 6)])
def test_spectra_of_other_shapes(other):
    with pytest.raises(VideoAlignmentError) as error:
        best_offsets(_random_spectra((2, 3, 6)), _random_spectra(other), torch.arange(5.0))
    assert "(3, 6)" in str(error.value)
    assert str(other[1:]) in str(error.value)


@pytest.mark.parametrize("offsets", [[], [3.0, 2, 1], [0.0, 1, 3], [1.0, 1, 1]])
def test_offsets_that_are_no_even_steps(offsets):
    spectra = _random_spectra((2, 3, 6))
    with pytest.raises(VideoAlignmentError, match="ascending and evenly spaced"):
        best_offsets(spectra, spectra, torch.tensor(offsets))


@pytest.mark.parametrize("window", [(2, 2), (-1, 3), (3, 6)])
def test_windows_outside_the_offsets(window):
    spectra = _random_spectra((2, 3, 6))
    with pytest.raises(VideoAlignmentError, match="one of the 5 offsets"):
        best_offsets(spectra, spectra, torch.arange(5.0), windows=[(0, 5), window])


def test_one_window_a_video():
    spectra = _random_spectra((2, 3, 6))
    with pytest.raises(VideoAlignmentError, match="1 windows for 2 videos"):
        best_offsets(spectra, spectra, torch.arange(5.0), windows=[(0, 5)])
