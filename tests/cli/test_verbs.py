"""`videoalignment evaluate`, `features` and `train-pca` do what the two scripts do."""

from pathlib import Path

import numpy as np
import pytest
from made_up import write_aligned, write_evve

from videoalignment.features.store import read_descriptors, read_features

PROGRAMS = [("main.py",), ("videoalignment", "evaluate")]


@pytest.fixture
def climbing(tmp_path, monkeypatch) -> Path:
    """A made-up Climbing that is where the commands look for it."""
    root = write_aligned(tmp_path / "Climbing", "Climbing")
    monkeypatch.setenv("VIDEOALIGNMENT_CLIMBING", str(root))
    return root


def results(folder: Path) -> dict[str, bytes]:
    """The files that a run left, but for those that say when and how fast it was."""
    files = [path for path in folder.rglob("*") if path.suffix in (".pkl", ".csv")]
    assert len(files) == 2
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize(
    "options",
    [
        "--model TMK",
        "--model TMK --T 2731 1039 --m 8 --norm freq --tmk_init von_mises --chunk_randomly 1",
        "--model TMK_Poullot --precision bfloat16 --seed 3 --b_s 2",
        "--model CTE --m 64 --fft_length 2048",
    ],
)
def test_evaluate_gives_what_main_gives(run, climbing, tmp_path, options):
    words = ["--dataset_test", "Climbing", *options.split(), "--output_dir"]
    script = run("main.py", *words, tmp_path / "script")
    with_hyphens = [word.replace("_", "-") if word[:2] == "--" else word for word in words]
    verb = run("videoalignment", "evaluate", *with_hyphens, tmp_path / "verb")
    assert (verb.status, script.status) == (0, 0), verb.err + script.err
    assert "Localization error <0.1s: " in verb.out
    assert verb.out.replace(str(tmp_path / "verb"), str(tmp_path / "script")) == script.out
    assert results(tmp_path / "verb") == results(tmp_path / "script")


def test_evaluate_whitens_and_expands_queries_as_main_does(run, tmp_path, monkeypatch):
    import torch

    monkeypatch.setenv("VIDEOALIGNMENT_EVVE", str(write_evve(tmp_path / "EVVE")))
    torch.save(torch.zeros(1, 24), tmp_path / "mean.t7")
    torch.save(torch.eye(12, 24), tmp_path / "dvt.t7")
    words = ["--dataset_test", "EVVE", "--query_expansion", "aqe", "--rule", "official"]
    words += ["--use_pca", "1", "--pca_mean", tmp_path / "mean.t7", "--pca_DVt"]
    words += [tmp_path / "dvt.t7", "--output_dir"]
    script = run("main.py", *words, tmp_path / "script")
    verb = run("videoalignment", "evaluate", *words, tmp_path / "verb")
    assert (verb.status, script.status) == (0, 0), verb.err + script.err
    assert results(tmp_path / "verb") == results(tmp_path / "script")
    tables = [run(*program, "--summary", tmp_path / "verb").out for program in PROGRAMS]
    assert tables[0] == tables[1]
    assert "mAP over events" in tables[0]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_model_and_a_dataset_of_ones_own_in_the_working_folder(
    run, climbing, tmp_path, monkeypatch, program
):
    module = f"mine_{len(program)}"  # a module is imported once a process
    (tmp_path / f"{module}.py").write_text(
        "from videoalignment.datasets import Climbing\n"
        "from videoalignment.models import TMK\n"
        "class Mine(TMK):\n    options = {**TMK.options, 'alpha': 1.0}\n"
        "class Party(Climbing):\n    pass\n"
    )
    monkeypatch.setenv("VIDEOALIGNMENT_PARTY", str(climbing))
    monkeypatch.chdir(tmp_path)
    words = ["--model", f"{module}:Mine", "--dataset_test", f"{module}:Party"]
    own = run(*program, *words, "--output_dir", "own", "--own", "alpha=0.5")
    assert own.status == 0, own.err
    usual = run(*program, "--dataset_test", "Climbing", "--output_dir", "usual")
    lines = [line for line in usual.out.splitlines() if line.startswith("Localization")]
    assert [line for line in own.out.splitlines() if line.startswith("Localization")] == lines


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "CTE"], "--dataset{0}test is missing (or give --summary)"),
        (["--dataset_test", "Demo"], "--output{0}dir is missing (or give --summary)"),
        (
            ["--dataset_test", "no.module:Class", "--output_dir", "o"],
            "cannot be imported",
        ),
        (["--dataset_test", "Climbing", "--output_dir", "o", "--device", "tpu"], "tpu"),
    ],
)
def test_misuse_of_evaluate_is_one_line(run, climbing, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    for program, separator in zip(PROGRAMS, "_-", strict=True):
        ended = run(*program, *words)
        assert (ended.status, ended.out) == (2, "")
        assert ended.err.startswith("error: ")
        assert ended.err.count("\n") == 1
        assert message.format(separator) in ended.err


# ------------------------------------------------------------------ features


@pytest.fixture(scope="module")
def videos(tmp_path_factory) -> Path:
    from ramps import run_ffmpeg

    folder = tmp_path_factory.mktemp("videos")
    for name, picture in (("test card.mp4", "testsrc2"), ("bars.mp4", "testsrc")):
        run_ffmpeg("-f", "lavfi", "-i", f"{picture}=s=160x120:r=30:d=1", f"file:{folder / name}")
    return folder


def test_features_are_those_of_the_script(run, videos, tmp_path):
    ended = run("videoalignment", "features", videos, tmp_path / "verb")
    assert ended.status == 0, ended.err
    features = read_features(tmp_path / "verb" / "rmac_efficientnet_lite0_12" / "test card.npz")
    assert features.times_s == pytest.approx(np.arange(15) / 15)
    script = [videos, "none", tmp_path / "script", "--backbone", "efficientnet_lite0"]
    ended = run("rmac_features.py", *script)
    assert ended.status == 0, ended.err
    written = tmp_path / "script" / "rmac_efficientnet_lite0_12" / "test card.pkl"
    np.testing.assert_allclose(features.descriptors, read_descriptors(written), atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        "--sum_before_pca --rmac_levels 2 --image_area 8000",
        "--level 5 --fps 5 --max_frames 4",
    ],
)
def test_pca_and_features_of_the_verbs_are_those_of_the_script(run, videos, tmp_path, options):
    words = [*options.split(), "--backbone", "efficientnet_lite0", "--workers", "1", "--b_s", "8"]
    words += ["--device", "cpu", "--precision", "float32"]
    for_training = ["--pca_dimensions", "4", "--overwrite"]
    script = [videos, tmp_path / "script/pca", tmp_path / "script"]
    trained = run("rmac_features.py", *script, "--train_pca", *words, *for_training)
    assert trained.status == 0, trained.err
    extracted = run("rmac_features.py", *script, *words, "--format", "npy")
    assert extracted.status == 0, extracted.err
    verb = [videos, tmp_path / "verb/pca", *words, *for_training]
    assert run("videoalignment", "train-pca", *verb).status == 0
    if "--max_frames" in words:  # which is of training alone
        at = words.index("--max_frames")
        words[at : at + 2] = []
    verb = [videos, tmp_path / "verb", "--pca", tmp_path / "verb/pca", *words, "--format", "npy"]
    assert run("videoalignment", "features", *verb).status == 0
    written = sorted(path.relative_to(tmp_path / "verb") for path in tmp_path.glob("verb/**/*.*"))
    assert len([path for path in written if path.suffix == ".npy"]) == 2
    assert len([path for path in written if path.suffix == ".t7"]) == 2
    for path in written:
        assert (tmp_path / "verb" / path).read_bytes() == (tmp_path / "script" / path).read_bytes()


def test_regions_of_the_verb_are_those_of_the_script(run, videos, tmp_path):
    words = ["--backbone", "efficientnet_lite0", "--regional-descriptors", "--allow-truncated"]
    words += ["--format", "npy", "--fps", "2"]
    assert run("rmac_features.py", videos, "none", tmp_path / "script", *words).status == 0
    assert run("videoalignment", "features", videos, tmp_path / "verb", *words).status == 0
    verb, script = (
        np.load(tmp_path / which / "rmac_efficientnet_lite0_12" / "bars.npy")
        for which in ("verb", "script")
    )
    assert len(verb) > 2
    np.testing.assert_array_equal(verb, script)


def test_features_of_a_bad_video(run, tmp_path):
    (tmp_path / "text.mp4").write_text("hello\n" * 100)
    ended = run("videoalignment", "features", tmp_path / "text.mp4", tmp_path / "out")
    assert ended.status == 2
    assert "text.mp4" in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--workers", "0"], "--workers 0: must be 1 or more"),
        (["--resnet-level", "30"], "--resnet-level 30: counts levels of resnet34"),
        (["--backbone", "no.module:Network"], "no.module"),
        (["--max-frames", "3"], "--max-frames: no such option"),
    ],
)
def test_misuse_of_features_is_one_line(run, videos, tmp_path, words, message):
    ended = run("videoalignment", "features", videos, tmp_path / "out", *words)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1
    assert message in ended.err
