import numpy as np
import obvious
import pytest
import torch

from videoalignment.circulant_temporal_encoding import CirculantTemporalEncoding
from videoalignment.errors import VideoAlignmentError

D = 6


def videos(frames: int = 40, batch: int = 2, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    ts = torch.randn(batch, frames, D, generator=torch.Generator().manual_seed(seed))
    return ts, torch.arange(frames).float().expand(batch, -1)


def fft_scores(a: torch.Tensor, b: torch.Tensor, m: int, n: int, offsets: torch.Tensor):
    """Zero-padded FFTs, all but the m lowest frequencies cut off, inverse FFT."""
    fa, fb = (np.fft.fft(x.numpy().astype(np.float64), n, axis=0) for x in (a, b))
    spectrum = (fa.conj() * fb).sum(1) / ((np.abs(fa) ** 2).sum(1) + 0.1)
    spectrum[np.abs(np.fft.fftfreq(n, 1 / n)) > m - 1] = 0
    return np.fft.ifft(spectrum).real[-offsets.long().numpy() % n]


@pytest.mark.parametrize(("m", "n"), [(1, 100), (8, 100), (51, 100), (50, 99), (51, 101)])
def test_scores_equal_the_inverse_fft(m, n):
    """All frequencies (51 of 100: the highest stands for itself) and some; N even and odd."""
    encoding = CirculantTemporalEncoding(m, fft_length=n)
    (a, xa), (b, xb) = videos(40), videos(60, seed=1)
    offsets = torch.arange(-70, 70).float()
    scores = encoding.score_pair(
        encoding.single_fv(a, xa), encoding.single_fv(b, xb), offsets[None]
    )
    assert scores.shape == (2, 140)
    for i in range(2):
        expected = fft_scores(a[i], b[i], m, n, offsets)
        np.testing.assert_allclose(scores[i], expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize(("m", "n"), [(8, 100), (51, 100)])
def test_the_obvious_way_equals_the_inverse_fft(m, n):
    """It stands in for the FFT where time stamps are no whole numbers."""
    (a, x), (b, _) = videos(40), videos(40, seed=1)
    fa, fb = (obvious.cte_descriptor(f[0].double(), x[0].double(), m, n) for f in (a, b))
    offsets = torch.arange(-40, 40).double()
    np.testing.assert_allclose(
        obvious.cte_scores(fa, fb, offsets, n), fft_scores(a[0], b[0], m, n, offsets), atol=1e-9
    )


def test_descriptor_is_the_start_of_the_fft():
    encoding = CirculantTemporalEncoding(8, fft_length=64)
    ts, xs = videos()
    expected = np.fft.fft(ts[0].numpy(), 64, axis=0)[:8].T
    fv = encoding.single_fv(ts, xs)
    assert fv.shape == (2, D, 16)
    np.testing.assert_allclose(fv[0, :, :8], expected.real, atol=1e-4)
    np.testing.assert_allclose(fv[0, :, 8:], expected.imag, atol=1e-4)


@pytest.mark.parametrize(("short", "long", "m"), [(100, 150, 64), (900, 3000, 512)])
def test_random_offsets_are_recovered(short, long, m):
    """A clip of a longer video, seen through noise: at least 95 % within one frame."""
    generator = torch.Generator().manual_seed(3)
    trials = 40
    starts = torch.randint(0, long - short + 1, (trials,), generator=generator)
    video = torch.nn.functional.normalize(
        torch.randn(trials, long, 64, generator=generator), dim=-1
    )
    clips = torch.stack([v[s : s + short] for v, s in zip(video, starts, strict=True)])
    clips = clips + 0.1 * torch.randn(clips.shape, generator=generator)
    encoding = CirculantTemporalEncoding(m, fft_length=short + long + 14)
    a = encoding.single_fv(clips, torch.arange(short).float().expand(trials, -1))
    b = encoding.single_fv(video, torch.arange(long).float().expand(trials, -1))
    offsets = torch.arange(-long, short).float()
    best = offsets[encoding.score_pair(a, b, offsets[None]).argmax(1)]
    assert ((best + starts).abs() <= 1).float().mean() >= 0.95


def test_the_query_sets_the_denominator():
    """Twice the query: numerator twice, denominator four times, but for lambda; twice the other."""
    encoding = CirculantTemporalEncoding(8, fft_length=100, regularisation=0)
    a, b = encoding.single_fv(*videos()), encoding.single_fv(*videos(seed=1))
    offsets = torch.arange(-40, 40).float()[None]
    once = encoding.score_pair(a, b, offsets)
    torch.testing.assert_close(encoding.score_pair(2 * a, b, offsets), once / 2)
    torch.testing.assert_close(encoding.score_pair(a, 2 * b, offsets), once * 2)


def test_scores_repeat_every_n_offsets():
    encoding = CirculantTemporalEncoding(8, fft_length=100)
    a, b = encoding.single_fv(*videos()), encoding.single_fv(*videos(seed=1))
    offsets = torch.tensor([[-17.0, 0, 3.5]])
    torch.testing.assert_close(
        encoding.score_pair(a, b, offsets), encoding.score_pair(a, b, offsets + 100)
    )


def test_shifting_equals_later_time_stamps():
    encoding = CirculantTemporalEncoding(8, fft_length=100)
    ts, xs = videos()
    shifted = encoding.shift_fv(encoding.single_fv(ts, xs), torch.tensor([5.0, -7.25]))
    expected = encoding.single_fv(ts, xs + torch.tensor([[5.0], [-7.25]]))
    torch.testing.assert_close(shifted, expected, rtol=1e-4, atol=1e-4)


def test_too_long_a_video_is_an_error_with_both_numbers():
    encoding = CirculantTemporalEncoding(16)  # 4 m = 64 frames
    assert encoding.single_fv(*videos(64)).isfinite().all()
    with pytest.raises(VideoAlignmentError, match=r"65 frames.*64"):
        encoding.single_fv(*videos(65))


def test_padding_adds_nothing_and_has_no_length():
    encoding = CirculantTemporalEncoding(16)
    ts, xs = videos(64)
    padded = torch.cat([ts, torch.zeros(2, 50, D)], 1)
    times = torch.cat([xs, torch.arange(64.0, 114).expand(2, -1)], 1)
    torch.testing.assert_close(encoding.single_fv(padded, times), encoding.single_fv(ts, xs))


def test_a_video_without_frames_is_zero():
    fv = CirculantTemporalEncoding(16).single_fv(torch.zeros(1, 0, D), torch.zeros(1, 0))
    assert fv.shape == (1, D, 32)
    assert not fv.any()


@pytest.mark.parametrize(("m", "n"), [(0, 10), (7, 10)])
def test_more_frequencies_than_there_are(m, n):
    with pytest.raises(VideoAlignmentError, match=f"m = {m} .*10 has 1 to 6"):
        CirculantTemporalEncoding(m, fft_length=n)
