"""`videoalignment score` as its users call it."""

import json
import subprocess
import sys

import pytest

TRUE = {"a-x": [[0, 10, 20, 30]], "a-y": [[5, 5, 15, 15]]}
FOUND = {"a-x": [[0, 10, 20, 30]], "a-y": []}
TRUE_CSV = "query_id,ref_id,query_start,query_end,ref_start,ref_end\nQ,R,0,10,5,15\n"
FOUND_CSV = "query_id,ref_id,query_start,query_end,ref_start,ref_end,score\nQ,R,0,10,5,15,0.9\n"


@pytest.fixture
def files(tmp_path):
    contents = {
        "true.json": json.dumps(TRUE),
        "found.json": json.dumps(FOUND),
        "true.csv": TRUE_CSV,
        "found.csv": FOUND_CSV,
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def score(folder, protocol: str, suffix: str, *more: str) -> subprocess.CompletedProcess:
    files = ["--predictions", f"found.{suffix}", "--labels", f"true.{suffix}"]
    command = [sys.executable, "-m", "videoalignment", "score", "--protocol", protocol]
    return subprocess.run([*command, *files, *more], cwd=folder, capture_output=True, text=True)


def test_vcsl_as_json_and_files(files):
    ended = score(files, "vcsl", "json", "--json", "-", "--out", "results", "--plot", "p.svg")
    assert ended.returncode == 0, ended.stderr
    document = json.loads(ended.stdout)
    assert document["protocol"] == "vcsl"
    assert document["metrics"]["frr"] == pytest.approx(0.5)
    assert document["metrics"]["macro"]["recall"] == pytest.approx(0.5)
    assert document["intervals"].keys() == document["metrics"].keys()
    written = {path.name for path in (files / "results").iterdir()}
    assert written == {"scores.json", "plot.png", "per_query.csv"}
    assert json.loads((files / "results" / "scores.json").read_text()) == document
    assert "<svg" in (files / "p.svg").read_text()


def test_vsc_as_a_table(files):
    ended = score(files, "vsc", "csv")
    assert ended.returncode == 0, ended.stderr
    assert "these predictions" in ended.stdout
    assert "100.00" in ended.stdout
    assert "91.53" in ended.stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--pairs", "none.csv"], "none.csv: no such file"),
        (["--json", "found.json"], "would overwrite the input"),
        (["--plot", "plot.docx"], "--plot plot.docx: its name must end in"),
        (["--labels", "found.csv"], "found.csv, line 1, column 1: not JSON"),
    ],
)
def test_what_is_wrong_is_one_line(files, more, said):
    ended = score(files, "vcsl", "json", *more)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""
