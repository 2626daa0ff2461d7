import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from videoalignment.errors import FeatureMismatchError, OptionError, UnusableFileError
from videoalignment.pca import (
    PcaSums,
    Whitening,
    load_whitening,
    read_whitening,
    save_whitening,
)


def batch_whitening(rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The formula on all rows at once, by a singular value decomposition of the centred rows."""
    mean = rows.mean(axis=0)
    _, singular, vt = np.linalg.svd(rows - mean, full_matrices=False)
    return mean, vt[:k] / np.sqrt(singular[:k, None] ** 2 + 1e-7)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 40), min_size=1, max_size=5))
def test_the_streamed_fit_equals_the_batch_formula(seed, sizes):
    generator = np.random.default_rng(seed)
    sizes = [*sizes, 60]
    parts = [generator.normal(size=(n, 12)) * np.arange(1, 13) + 0.3 for n in sizes]
    sums, other = PcaSums(12), PcaSums(12)
    for number, part in enumerate(parts):
        (sums if number % 2 else other).add(part.astype(np.float32))
    sums.merge(other)
    whitening = sums.fit(8)
    mean, dvt = batch_whitening(np.concatenate(parts).astype(np.float32).astype(np.float64), 8)
    np.testing.assert_allclose(whitening.mean[0], mean, atol=1e-6)
    signs = np.sign((whitening.dvt.numpy() * dvt).sum(axis=1))
    np.testing.assert_allclose(whitening.dvt.numpy() * signs[:, None], dvt, rtol=1e-3, atol=1e-6)


def test_the_fit_equals_the_golden_one(golden):
    expected = np.load(golden / "rmac.npz")
    sums = PcaSums(32)
    for rows in np.array_split(expected["3x5/pca_train"], 7):
        sums.add(rows)
    whitening = sums.fit(32)
    np.testing.assert_allclose(whitening.mean, expected["3x5/pca_mean"], atol=1e-6)
    expected = expected["3x5/pca_DVt"]
    signs = np.sign((whitening.dvt.numpy() * expected).sum(axis=1))
    np.testing.assert_allclose(whitening.dvt.numpy() * signs[:, None], expected, atol=1e-5)


def test_whitened_training_rows_are_white():
    rows = np.random.default_rng(0).normal(size=(500, 6)) @ np.diag([5, 4, 3, 2, 1, 0.5])
    sums = PcaSums(6)
    sums.add(rows)
    whitening = sums.fit(6)
    white = (torch.from_numpy(rows).float() - whitening.mean) @ whitening.dvt.T
    np.testing.assert_allclose(white.T @ white, np.eye(6), atol=1e-4)


@pytest.mark.parametrize("infix", ["", "_pca"])
def test_published_files_in_the_legacy_format(tmp_path, infix):
    mean, dvt = torch.randn(1, 8), torch.randn(4, 8)
    prefix = tmp_path / "YFCC100M"
    for name, tensor in (("mean", mean), ("Dvt", dvt)):
        path = f"{prefix}{infix}_{name}_resnet34_29.t7"
        torch.save(tensor, path, _use_new_zipfile_serialization=False)
    loaded = load_whitening(str(prefix), "resnet34_29")
    assert torch.equal(loaded.mean, mean)
    assert torch.equal(loaded.dvt, dvt)


def test_what_is_saved_is_loaded(tmp_path):
    whitening = Whitening(torch.randn(1, 8), torch.randn(4, 8))
    paths = save_whitening(whitening, str(tmp_path / "mine"), "resnet34_29")
    assert [path.name for path in paths] == ["mine_mean_resnet34_29.t7", "mine_Dvt_resnet34_29.t7"]
    assert torch.equal(load_whitening(str(tmp_path / "mine"), "resnet34_29").dvt, whitening.dvt)


def test_a_missing_file_lists_what_was_tried(tmp_path):
    with pytest.raises(UnusableFileError) as error:
        load_whitening(str(tmp_path / "x"), "resnet34_29")
    assert "x_mean_resnet34_29.t7" in str(error.value)
    assert "x_pca_mean_resnet34_29.t7" in str(error.value)


class Payload:
    """Pickles to a call that would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_hostile_file_is_refused_and_does_nothing(tmp_path):
    prefix, mark = tmp_path / "bad", tmp_path / "mark"
    for name in ("mean", "Dvt"):
        torch.save(Payload(mark), f"{prefix}_{name}_resnet34_29.t7")
    with pytest.raises(UnusableFileError, match="not a readable PCA file"):
        load_whitening(str(prefix), "resnet34_29")
    assert not mark.exists()


def test_two_files_that_do_not_belong_together(tmp_path):
    whitening = Whitening(torch.randn(1, 8), torch.randn(4, 7))
    save_whitening(whitening, str(tmp_path / "x"), "net_1")
    with pytest.raises(FeatureMismatchError, match="does not fit"):
        load_whitening(str(tmp_path / "x"), "net_1")


def with_value(value: float) -> torch.Tensor:
    tensor = torch.randn(4, 8)
    tensor[2, 3] = value
    return tensor


UNUSABLE = {
    "meta": torch.empty(4, 8, device="meta"),
    "sparse": torch.eye(4, 8).to_sparse(),
    "sparse rows": torch.eye(4, 8).to_sparse_csr(),
    "quantised": torch.quantize_per_tensor(torch.randn(4, 8), 0.1, 0, torch.qint8),
    "integers": torch.ones(4, 8, dtype=torch.int64),
    "a dictionary": {"mean": torch.randn(4, 8)},
    "expanded": torch.zeros(1, dtype=torch.float16).expand(1 << 20, 1 << 18),
    "overlapping": torch.zeros(100).as_strided((1 << 20, 1 << 18), (0, 0)),
    "no rows": torch.zeros(0, 8),
    "no dimensions": torch.zeros(4, 0),
    "NaN": with_value(float("nan")),
    "infinity": with_value(-float("inf")),
    "float64 beyond float32": with_value(0).double() * 1e200,
    "too large": with_value(1e20),
    "zeros": torch.zeros(4, 8),
    "one axis": torch.randn(8),
}


@pytest.mark.filterwarnings("ignore:Sparse")
@pytest.mark.filterwarnings("ignore:.*quant")
@pytest.mark.parametrize("name", UNUSABLE)
def test_a_matrix_that_whitens_nothing_is_refused(tmp_path, name):
    mean, matrix = tmp_path / "mean.t7", tmp_path / "matrix.t7"
    torch.save(torch.zeros(1, 8), mean)
    torch.save(UNUSABLE[name], matrix)
    with pytest.raises((UnusableFileError, FeatureMismatchError), match=r"matrix\.t7") as error:
        read_whitening(mean, matrix)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["meta", "expanded", "no dimensions", "NaN", "too large"])
def test_a_mean_that_moves_nothing_is_refused(tmp_path, name):
    mean, matrix = tmp_path / "mean.t7", tmp_path / "matrix.t7"
    torch.save(UNUSABLE[name][2:3], mean)  # the row of the one value
    torch.save(torch.randn(4, 8), matrix)
    with pytest.raises(UnusableFileError, match=r"mean\.t7"):
        read_whitening(mean, matrix)


def test_an_archive_that_unpacks_to_gigabytes_is_refused(tmp_path):
    plain, packed = tmp_path / "plain.t7", tmp_path / "packed.t7"
    torch.save(torch.zeros(1000, 1000), plain)
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))
    with pytest.raises(UnusableFileError, match="unpacks"):
        read_whitening(packed, packed)


@pytest.mark.parametrize("path", ["", ".", "x" * 5000, "nul\0", "/dev/null", "gone/x.t7"])
def test_what_is_no_file_is_one_line_at_once(path):
    with pytest.raises(UnusableFileError) as error:
        read_whitening(path, path)
    assert len(str(error.value)) < 400


def test_training_on_nothing_or_on_nan_is_refused():
    sums = PcaSums(3)
    with pytest.raises(UnusableFileError, match="no descriptors"):
        sums.fit(2)
    sums.add(np.array([[1.0, 2.0, np.nan]]))
    with pytest.raises(UnusableFileError, match="NaN"):
        sums.fit(2)
    with pytest.raises(OptionError, match="`dimensions` 0"):
        sums.fit(0)
