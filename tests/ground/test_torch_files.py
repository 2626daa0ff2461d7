"""Files that torch saved: what they claim is checked before it is believed."""

import io
import pickle
import struct
import zipfile

import pytest
import torch

from videoalignment.errors import UnusableFileError
from videoalignment.torch_files import is_plain, load_torch_file

STATE = {"a.weight": torch.arange(12.0).reshape(3, 4), "b": torch.tensor(7)}


@pytest.mark.parametrize("zipped", [True, False])
def test_tensors_of_both_formats(tmp_path, zipped):
    path = tmp_path / "state.pth"
    torch.save(STATE, path, _use_new_zipfile_serialization=zipped)
    loaded = load_torch_file(path, "file of weights")
    assert loaded.keys() == STATE.keys()
    assert all(torch.equal(loaded[name], STATE[name]) for name in STATE)
    assert all(map(is_plain, loaded.values()))


DEEP_KEY = b"\x80\x02}N" + b"\x85" * 300_000 + b"K\x01s."  # hashing it overflows the stack
WIDE_KEY = b"\x80\x02}N" + b"".join(b"q%ch%c\x86" % (n, n) for n in range(60)) + b"K\x01s."


def zipped(pickled: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/byteorder", "little")
        archive.writestr("archive/version", "3\n")
    return file.getvalue()


def legacy(pickled: bytes) -> bytes:
    head = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, {"little": True})]
    return b"".join([*head, pickled, pickle.dumps([], 2)])


@pytest.mark.parametrize("form", [zipped, legacy])
@pytest.mark.parametrize("pickled", [DEEP_KEY, WIDE_KEY], ids=["deep", "wide"])
def test_nesting_neither_crashes_nor_takes_forever(tmp_path, form, pickled):
    path = tmp_path / "deep.pth"
    path.write_bytes(form(pickled))
    with pytest.raises(UnusableFileError, match="nested"):
        load_torch_file(path, "file of weights")


def test_a_promised_size_is_not_believed(tmp_path):
    path = tmp_path / "promise.t7"
    torch.save(torch.zeros(4), path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    assert content.count(b"K\x04") > 0
    path.write_bytes(content.replace(b"K\x04", b"J" + struct.pack("<i", 1 << 30)))
    with pytest.raises(UnusableFileError, match="promise"):
        load_torch_file(path, "PCA file")


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(1).expand(1000),
        torch.zeros(3, device="meta"),
        torch.eye(3).to_sparse(),
        [1.0],
    ],
    ids=["expanded", "meta", "sparse", "list"],
)
def test_what_is_no_plain_tensor(tensor):
    assert not is_plain(tensor)
    assert is_plain(torch.zeros(3, 4).T)
