"""The one table of options, as the users of each command meet it."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from videoalignment.cli.commands import SCRIPTS, VERBS
from videoalignment.cli.declare import Command, Option
from videoalignment.cli.options import OPTIONS
from videoalignment.cli.parsing import parse
from videoalignment.errors import OptionError
from videoalignment.version import __version__

_ROOT = Path(__file__).parents[2]
COMMANDS = {**VERBS, **SCRIPTS}
EACH = [
    pytest.param(command, option, id=f"{name} {option.parameter}")
    for name, command in COMMANDS.items()
    for option in command.options
]
COMMAND_LINES = [
    *(["-m", "videoalignment", *verb.split()] for verb in VERBS),
    *([str(_ROOT / script)] for script in SCRIPTS),
]


def places(command: Command) -> list[str]:
    """A word for each argument that is given by its place, and for options that must be there."""
    words = [f"place{number}" for number, _ in enumerate(command.arguments)]
    for option in command.options:
        if option.required:
            words += [command.shown(option), (*option.choices, "there")[0]]
    return words


def some_words(option: Option) -> list[str]:
    """Words that the option takes, none of them its default."""
    if option.kind is bool:
        return []
    if option.parameter == "own":
        return ["alpha=0.5", "kind=good", "T=(1, 2)"]
    if option.parameter == "T":
        return ["7", "2.5", "auto"]
    word = option.choices[-1] if option.choices else {int: "7", float: "2.5"}.get(option.kind, "x")
    return [word] * (option.words if isinstance(option.words, int) else 3)


@pytest.mark.parametrize(("command", "option"), EACH)
@pytest.mark.parametrize("separator", ["-", "_"])
def test_every_option_is_taken_in_both_spellings(command, option, separator):
    flag = "--" + (option.name or option.parameter).replace("_", separator)
    words = some_words(option)
    values = parse(command, [*places(command), flag, *words])
    expected = [option.kind(word) for word in words] or [True]
    several = len(expected) > 1 or option.repeated
    assert values[option.parameter] == (expected if several else expected[0])
    unset = parse(command, places(command))
    changed = {name for name in values if values[name] != unset[name]}
    assert changed <= {option.parameter}


@pytest.mark.parametrize(("command", "option"), EACH)
def test_verbs_show_hyphens_and_scripts_what_is_published(command, option):
    shown = command.shown(option)
    assert ("-" if command.script else "_") not in shown.removeprefix("--")


def test_no_row_of_the_table_is_left_out():
    reached = {option for command in COMMANDS.values() for option in command.options}
    reached |= {option for command in COMMANDS.values() for option in command.arguments}
    assert reached == set(OPTIONS)


@pytest.mark.parametrize(
    ("script", "verbs"),
    [("main.py", ["evaluate"]), ("rmac_features.py", ["features", "train-pca"])],
)
def test_the_verbs_have_what_the_script_has(script, verbs):
    def all_of(command: Command) -> set[Option]:
        return {*command.options, *command.arguments}

    verbs_have = set().union(*(all_of(VERBS[verb]) for verb in verbs))
    missing = {option.parameter for option in all_of(SCRIPTS[script]) - verbs_have}
    assert missing <= {"train_pca"}  # which is a verb


def test_the_published_command_lines():
    line = (
        "--dataset_test VCDB --model TMK --output_dir out --fold_index 0 --chunk_randomly 1 "
        "--T 9767 2731 1039 253 --resnet_level 29 --seed 0 --b_s 16 --m 16 --tmk_init von_mises "
        "--norm feat_freq --use_pca 0 --query_expansion aqe --pca_mean F --pca_DVt F "
        "--multiple_pca 0"
    )
    values = parse(SCRIPTS["main.py"], line.split())
    assert (values["dataset"], values["T"]) == ("VCDB", [9767, 2731, 1039, 253])
    assert (values["m"], values["use_pca"], values["pca_mean"]) == (16, 0, "F")
    line = (
        "videos pca/YFCC100M_pca out --train_pca --regional_descriptors --sum_before_pca "
        "--image_area 12000 --resnet_level 30 --rmac_levels 3 --pca_dimensions 512 --workers 16 "
        "--b_s 200 --fps 15"
    )
    values = parse(SCRIPTS["rmac_features.py"], line.split())
    assert (values["source"], values["pca_prefix"]) == (Path("videos"), "pca/YFCC100M_pca")
    assert (values["out_folder"], values["resnet_level"]) == (Path("out"), 30)
    defaults = parse(SCRIPTS["rmac_features.py"], line.split()[:6])
    assert {**values, "resnet_level": None} == {**defaults}


def test_options_may_stand_anywhere_and_be_cut_short():
    evaluate, align = VERBS["evaluate"], VERBS["align"]
    assert parse(evaluate, ["--query", "aqe"])["query_expansion"] == "aqe"
    assert parse(evaluate, ["--model=CTE", "--T", "1", "2", "--m", "8"])["T"] == [1, 2]
    values = parse(align, ["--edl", "x.edl", "a.mp4", "--features", "a.npz", "b.npz", "b.mp4"])
    assert (values["a"], values["b"]) == (Path("a.mp4"), Path("b.mp4"))
    assert values["features"] == [Path("a.npz"), Path("b.npz")]


def test_names_with_a_dash_in_front():
    words = ["--edl", "-x.edl", "--json", "-", "--otio=-y.otio", "--", "-a.mp4", "--b.mp4"]
    values = parse(VERBS["align"], words)
    expected = {"edl": "-x.edl", "json": "-", "otio": "-y.otio", "a": "-a.mp4", "b": "--b.mp4"}
    assert {name: str(values[name]) for name in expected} == expected
    values = parse(VERBS["align"], ["a", "b", "--features", "-a.npz", "-b.npz"])
    assert values["features"] == [Path("-a.npz"), Path("-b.npz")]
    assert parse(VERBS["evaluate"], ["--seed", "-1"])["seed"] == -1


def test_a_class_of_ones_own_is_taken_where_names_are():
    values = parse(VERBS["evaluate"], ["--model", "mine:Model", "--dataset-test", "my.data:Set"])
    assert (values["model"], values["dataset"]) == ("mine:Model", "my.data:Set")
    with pytest.raises(OptionError, match=r"no 'a:b'"):
        parse(VERBS["evaluate"], ["--norm", "a:b"])


@pytest.mark.parametrize(
    ("command", "words", "message"),
    [
        ("align", ["a", "b", "--min-overlp", "3"], "--min-overlp: no such option; did you mean"),
        ("align", ["a", "b", "--zzz"], "--zzz: no such option; see 'videoalignment align --help'"),
        ("align", ["a", "b", "-x"], "-x: no such option (a file name with a dash"),
        ("align", ["a"], "missing: B"),
        ("align", ["a", "b", "c"], "unrecognized arguments: c"),
        ("tmk hash", ["videos"], "missing: --out"),
        ("tmk score", [], "missing: FILE_OR_FOLDER"),
        ("align", ["a", "b", "--edl"], "--edl: expected one argument"),
        ("align", ["a", "b", "--edl", "--otio", "x"], "--edl: expected one argument"),
        ("align", ["a", "b", "--features", "x"], "--features: expected 2 arguments"),
        ("align", ["a", "b", "--min_overlap", "x"], "--min-overlap: 'x' is not a number"),
        ("align", ["a", "b", "--backbone", "resnet"], "did you mean resnet34?"),
        ("main.py", ["--pca", "x"], "--pca: may be --pca_mean or --pca_DVt"),
        ("main.py", ["--fold-indx", "x"], "did you mean --fold_index?"),
        ("main.py", ["--T"], "--T: expected at least one argument"),
        ("main.py", ["--T", "1", "x"], "--T: 'x' is neither a number nor auto"),
        ("main.py", ["--own", "alpha"], "--own: 'alpha' is no NAME=VALUE"),
        ("main.py", ["--use_pca", "2"], "--use_pca: no '2'"),
        ("main.py", ["--model", "tmk"], "no 'tmk', did you mean TMK?"),
        ("rmac_features.py", ["v", "p"], "missing: OUT_FOLDER"),
        ("rmac_features.py", ["v", "p", "o", "--overwrite=1"], "--overwrite: ignored explicit"),
    ],
)
def test_misuse_says_what_would_be_right(command, words, message):
    with pytest.raises(OptionError) as refused:
        parse(COMMANDS[command], words)
    assert message in str(refused.value)
    assert "--help'" in str(refused.value)


# ------------------------------------------------------------------ help


def test_help_is_of_this_command_alone_and_lists_all_it_takes(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    for verb, command in VERBS.items():
        assert_help_of(run("videoalignment", *verb.split(), "--help"), command)
    for script, command in SCRIPTS.items():
        assert_help_of(run(script, "-h"), command)


def assert_help_of(ended, command: Command) -> None:
    assert (ended.status, ended.err) == (0, "")
    for option in (*command.arguments, *command.options):
        lines = [
            line for line in ended.out.splitlines() if line[2:].startswith(shown(command, option))
        ]
        assert len(lines) == 1, option
    assert all(f"  {example}\n" in ended.out for example in command.examples)
    assert all(f"│ {status}" in ended.out for status in command.statuses)


def shown(command: Command, option: Option) -> str:
    return command.shown(option) + ("" if option in command.arguments else " ")


@pytest.mark.parametrize("line", [["-m", "videoalignment"], *COMMAND_LINES])
def test_help_imports_nothing_heavy(line):
    late = ("torch", "numpy", "matplotlib", "sklearn", "jinja2", "torchvision", "scipy")
    command = [sys.executable, "-X", "importtime", *line, "--help"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    imported = {entry.rpartition("|")[2].strip() for entry in ended.stderr.splitlines()}
    assert "videoalignment.cli.options" in imported
    assert imported.isdisjoint(late)


def shown_defaults(command: Command) -> dict[str, str]:
    """What the help says of options that are passed on as None."""
    return {option.parameter: option.shown_default for option in command.options}


def test_the_defaults_that_help_tells_are_those_of_aligning():
    from videoalignment.align.alignment import MATCHED_FROM
    from videoalignment.align.options import BACKBONE, MIN_OVERLAP_S

    assert shown_defaults(VERBS["align"])["min_overlap_s"] == f"{MIN_OVERLAP_S:g}"
    defaults = parse(VERBS["align"], ["a", "b"])
    assert (defaults["backbone"], defaults["min_overlap_s"]) == (BACKBONE, None)
    assert defaults["min_confidence"] == MATCHED_FROM


def test_the_defaults_that_help_tells_are_those_of_evaluations():
    from videoalignment.eval.options import ResolvedOptions
    from videoalignment.eval.retrieval import Retrieval
    from videoalignment.models import TMK

    shown = shown_defaults(VERBS["evaluate"])
    defaults = {field.name: field.default for field in dataclasses.fields(ResolvedOptions)}
    defaults |= Retrieval.options | TMK.options
    told = {name: text for name, text in shown.items() if name in defaults and text}
    assert told.pop("m").startswith(f"{defaults['m']} a period for TMK")
    assert told.pop("T").split() == [str(period) for period in defaults["T"]]
    assert told.pop("beta") == f"{defaults['beta']:g}"
    assert told == {name: str(defaults[name]) for name in told}
    assert {"norm", "seed", "rule", "resnet_level"} <= told.keys()
    assert parse(VERBS["evaluate"], []) | {"model": None, "device": None} == dict.fromkeys(
        option.parameter for option in VERBS["evaluate"].options
    )


def test_the_defaults_of_features_are_those_of_the_library():
    from videoalignment.features.folders import (
        ExtractionOptions,
        NetworkOptions,
        TrainingSample,
    )

    script = SCRIPTS["rmac_features.py"]
    options = {option.parameter: option for option in script.options}
    for kind in (NetworkOptions, ExtractionOptions, TrainingSample):
        for field in dataclasses.fields(kind):
            default = script.default_of(options[field.name]) if field.name in options else None
            if field.name not in ("batch", "threads") and default is not None:
                assert default == field.default, field.name


# ------------------------------------------------------------------ verbs


def test_no_verb_shows_the_verbs(run):
    for words in ([], ["--help"], ["-h"]):
        ended = run("videoalignment", *words)
        assert ended.status == 0
        assert all(f"│ {verb} " in ended.out for verb in VERBS)


def test_half_a_verb_shows_the_whole_ones(run):
    for words in (["tmk"], ["tmk", "--help"]):
        ended = run("videoalignment", *words)
        assert (ended.status, "│ align " in ended.out) == (0, False)
        assert all(f"│ tmk {verb} " in ended.out for verb in ("hash", "score", "verify"))
    ended = run("videoalignment", "tmk", "aling", "a", "b")
    assert ended.status == 2
    assert "no verb 'tmk aling', did you mean tmk align?" in ended.err


def test_options_stand_between_several_files():
    words = [
        "a.tmk",
        "--against",
        "b.tmk",
        "c.tmk",
        "--against=d.tmk",
        "--json",
        "-",
        "--",
        "-e.tmk",
    ]
    values = parse(VERBS["tmk score"], words)
    assert values["hashes"] == [Path("a.tmk"), Path("c.tmk"), Path("-e.tmk")]
    assert values["against"] == [Path("b.tmk"), Path("d.tmk")]


def test_a_verb_that_is_none_is_one_line(run):
    ended = run("videoalignment", "algin", "a", "b")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("error: no verb 'algin', did you mean align?; there are align,")
    assert ended.err.count("\n") == 1


def test_version(run):
    shown = (0, f"{__version__}\n", "")
    assert run("videoalignment", "--version") == shown
    assert run("videoalignment", "align", "--version") == shown
    assert run("main.py", "--version") == shown
