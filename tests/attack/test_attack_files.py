"""Hostile and broken feature files, PCA files and weights: each works or is one line.

A few mutations of each file are tried; ATTACK_SEEDS=500 tries as many as it says, for all tests in
this folder (some thousands of files, minutes).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hostile import MATRIX, MEAN, write_all
from torch import save

SEEDS = int(os.environ.get("ATTACK_SEEDS", "18"))
_PROGRAM = Path(__file__).with_name("read_all.py")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> list[dict]:
    """What came of each file of the corpus."""
    folder, corpus = tmp_path_factory.mktemp("attack"), tmp_path_factory.mktemp("corpus")
    write_all(corpus, folder / "canary", SEEDS)
    before = {path.name: path.read_bytes() for path in corpus.iterdir()}
    save(MEAN, folder / "mean.t7")
    save(MATRIX, folder / "matrix.t7")
    command = [sys.executable, _PROGRAM, corpus, folder / "mean.t7", folder / "matrix.t7"]
    run = subprocess.run(
        [*map(str, command)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    lines = [*map(json.loads, run.stdout.splitlines())]
    assert run.returncode == 0, (run.returncode, lines[-1:], run.stderr[-500:])
    assert not (folder / "canary").exists()
    assert {path.name: path.read_bytes() for path in corpus.iterdir()} == before
    return [first | second for first, second in zip(lines[::2], lines[1::2], strict=True)]


def test_every_file_works_or_is_refused_in_one_line(outcomes):
    assert len(outcomes) >= 300
    for outcome in outcomes:
        assert outcome["kind"] in ("worked", "refused"), outcome
        if outcome["kind"] == "refused":
            assert outcome["name"] in outcome["message"], outcome
            assert len(outcome["message"].splitlines()) == 1, outcome
            assert len(outcome["message"]) < 1000, outcome


def test_whole_files_work(outcomes):
    """Else a reader that refuses everything would pass."""
    whole = [o for o in outcomes if o["name"].startswith("whole") and not o["name"].endswith("pth")]
    assert len(whole) == 9
    assert all(outcome["kind"] == "worked" for outcome in whole)


def test_no_file_takes_more_memory_than_its_size_explains(outcomes):
    first, last = (outcomes[i]["kilobytes"] for i in (0, -1))
    assert last - first < 300_000
