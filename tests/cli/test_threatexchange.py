"""The signal type, in the package that it is for."""

import base64
import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tmk_made_up import folded, made_up_hash, moving_features

from videoalignment.errors import FeatureMismatchError, UnusableFileError
from videoalignment.features.tmk_hash import hash_video
from videoalignment.tmk_files import to_bytes

pytest.importorskip("threatexchange", reason="needs the package threatexchange")

from threatexchange.extensions.manifest import ThreatExchangeExtensionManifest

from videoalignment.threatexchange import TmkIndex, TmkPdqfSignal


def signal_of(tmk) -> str:
    return base64.b64encode(to_bytes(tmk)).decode()


@pytest.fixture(scope="module")
def signals() -> dict[str, str]:
    return {
        "video": signal_of(folded(moving_features(0, 12))),
        "copy": signal_of(folded(moving_features(0, 11))),
        "other": signal_of(folded(moving_features(1, 12))),
    }


def test_the_manifest_is_found():
    manifest = ThreatExchangeExtensionManifest.load_from_module_name(
        "videoalignment.threatexchange"
    )
    assert [signal.get_name() for signal in manifest.signal_types] == ["tmk_pdqf"]


def test_a_video_gives_its_hash_and_no_video_none(make_video, tmp_path, caplog):
    path = make_video("a.mp4")
    assert TmkPdqfSignal.hash_from_file(path) == signal_of(hash_video(path))
    with caplog.at_level(logging.WARNING):
        assert TmkPdqfSignal.hash_from_file(tmp_path / "none.mp4") == ""
    assert "none.mp4: no such file" in caplog.text


def test_signals_compare_by_both_thresholds(signals):
    near = TmkPdqfSignal.compare_hash(signals["video"], signals["copy"])
    far = TmkPdqfSignal.compare_hash(signals["video"], signals["other"])
    assert (near.match, far.match) == (True, False)
    assert near.distance.level2 > 0.9 > far.distance.level2
    assert near.distance < far.distance
    same = TmkPdqfSignal.compare_hash(signals["video"], signals["video"])
    assert same.distance.pretty_str() == "1.000000/1.000000"


def test_the_index_finds_what_comparing_finds(signals):
    index = TmkIndex.build((signal, name) for name, signal in signals.items())
    stored = io.BytesIO()
    index.serialize(stored)
    stored.seek(0)
    for searched in (index, TmkIndex.deserialize(stored)):
        for query in signals.values():
            expected = {
                name
                for name, signal in signals.items()
                if TmkPdqfSignal.compare_hash(query, signal).match
            }
            assert {match.metadata for match in searched.query(query)} == expected
    assert TmkIndex.build([]).query(signals["video"]) == []
    with pytest.raises(FeatureMismatchError):
        index.add(signal_of(made_up_hash(0)), "another kind")


def test_signals_are_checked(signals):
    assert TmkPdqfSignal.validate_signal_str(f" {signals['video']}\n") == signals["video"]
    for broken in (
        "",
        "no base64 !",
        "ä",
        base64.b64encode(b"TMK1").decode(),
        signals["video"][:-4],
    ):
        with pytest.raises(UnusableFileError):
            TmkPdqfSignal.validate_signal_str(broken)
    for example in TmkPdqfSignal.get_examples():
        TmkPdqfSignal.validate_signal_str(example)


def test_the_command_line_hashes_and_matches(make_video, tmp_path):
    videos = [
        make_video(f"{name}.mp4", source=f"{name}=size=160x120:rate=30:duration=2")
        for name in ("testsrc", "testsrc2")
    ]
    environment = {**os.environ, "HOME": str(tmp_path)}

    def run(*arguments: str | Path) -> str:
        command = [sys.executable, "-m", "threatexchange", *map(str, arguments)]
        ended = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    run("config", "extensions", "add", "videoalignment.threatexchange")
    hashed = run("hash", "-S", "tmk_pdqf", "video", videos[0]).split()
    assert hashed == ["tmk_pdqf", signal_of(hash_video(videos[0]))]
    (tmp_path / "bank.txt").write_text(hashed[1] + "\n")
    options = ["--filename", tmp_path / "bank.txt", "--signal-type", "tmk_pdqf"]
    run("config", "collab", "edit", "local_file", "--create", "bank", *options)
    run("fetch", "--only-collab", "bank")
    assert "1.000000/1.000000 (bank)" in run("match", "-S", "tmk_pdqf", "video", videos[0])
    assert "(bank)" not in run("match", "-S", "tmk_pdqf", "video", videos[1])
