"""Which options an evaluation takes, and how a run is called."""

import dataclasses
import math
import shutil
import subprocess
import sys

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from videoalignment.errors import OptionError, VideoAlignmentError
from videoalignment.eval.options import (
    NORMALISATION_NAMES,
    EvaluationOptions,
    ResolvedOptions,
    resolve_options,
)
from videoalignment.models import MODELS
from videoalignment.temporal_match_kernel import NORMALISATIONS

DEFAULTS = {
    "TMK": {"m": 16, "T": [9767, 2731, 1039, 253], "norm": "feat_freq", "beta": 32}
    | {"use_pca": 0, "multiple_pca": 0},
    "LAMV": {"m": 16, "T": [9767, 2731, 1039, 253], "norm": "feat_freq", "beta": 32}
    | {"use_pca": 0, "multiple_pca": 0},
    "TMK_Poullot": {"m": 16},
    "CTE": {"m": 512},
    "SumAggregation": {},
}
SHARED_DEFAULTS = {"resnet_level": 29, "phase": "all", "fold_index": 0, "allow_missing": False}
SHARED_DEFAULTS |= {"precision": "float32", "device": "auto", "seed": 0, "b_s": 16}


def resolve(model="TMK", dataset="Climbing", **given) -> ResolvedOptions:
    return resolve_options(EvaluationOptions(dataset, model, **given))


def name(*arguments, **given) -> str:
    return resolve(*arguments, **given).run_name


@pytest.fixture
def pca(tmp_path):
    """Writes a whitening and gives the options that name it."""

    def write(folder: str, seed: int) -> dict:
        generator = torch.Generator().manual_seed(seed)
        (tmp_path / folder).mkdir()
        mean, dvt = tmp_path / folder / "mean.t7", tmp_path / folder / "DVt.t7"
        torch.save(torch.randn(1, 8, generator=generator), mean)
        torch.save(torch.randn(5, 8, generator=generator), dvt)
        return {"use_pca": 1, "pca_mean": str(mean), "pca_DVt": str(dvt)}

    return write


@pytest.mark.parametrize("model", MODELS)
def test_a_default_that_is_spelled_out_changes_nothing(model):
    for shared in ({}, SHARED_DEFAULTS):
        for own in ({}, DEFAULTS[model], *({n: v} for n, v in DEFAULTS[model].items())):
            spelled = resolve(model, **own, **shared)
            assert spelled == resolve(model)
            assert spelled.run_name == f"{model}_Climbing"
            assert spelled.differing == {}


def test_rule_reference_is_the_default_of_retrieval():
    assert name(dataset="EVVE", rule="reference") == "TMK_EVVE"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        # what the name CTE_Climbing_norm-freq_rule-official once stood for
        ({"model": "CTE", "norm": "freq"}, "`norm` does not apply: CTE takes m, fft_length, and"),
        ({"model": "CTE", "rule": "official"}, "`rule` .* Climbing with its protocol localisation"),
        ({"query_expansion": "aqe"}, "`query_expansion` does not apply: .* takes timeline"),
        ({"dataset": "VCDB", "timeline": 1}, "`timeline` does not apply"),
        ({"timeline": 2}, "`timeline` 2: expected 0 or 1"),
        ({"dataset": "VCDB", "rule": "reference"}, "`rule` does not apply"),
        ({"model": "TMK_Poullot", "T": (100, 50)}, "`T` does not apply: TMK_Poullot takes m,"),
        ({"model": "SumAggregation", "m": 16}, "`m` does not apply: SumAggregation takes no"),
        ({"fft_length": 4000}, "`fft_length` does not apply: TMK takes m, T, norm, beta, use_pca"),
        ({"own": {"depth": 3}}, "`depth` does not apply"),
        ({"pca_mean": "mean.t7"}, "`pca_mean` does not apply without `use_pca` 1"),
        ({"multiple_pca": 1}, "`multiple_pca` does not apply without `use_pca` 1"),
        ({"use_pca": 1, "pca_mean": "m.t7"}, "`use_pca` needs two files: `pca_mean` and"),
        ({"dataset": "Demo", "resnet_level": 30}, "`resnet_level` does not apply: .* of Demo"),
        ({"dataset": "Madonna", "fold_index": 1}, "`fold_index` does not apply to `phase` all"),
        ({"dataset": "EVVE", "phase": "val", "fold_index": 1}, "`fold_index` .* EVVE has no folds"),
    ],
)
def test_what_does_not_apply_is_refused(arguments, message):
    with pytest.raises(OptionError, match=message) as error:
        resolve(**arguments)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"m": 0}, "`m` 0: expected 1 frequency or more"),
        ({"m": "16"}, "`m` '16': expected an integer"),
        ({"m": 2.5}, r"`m` 2\.5: expected an integer"),
        ({"model": "CTE", "m": -1}, "`m` -1: expected 1"),
        ({"model": "CTE", "m": 202, "fft_length": 400}, "`m` 202: a `fft_length` of 400 has 201"),
        ({"model": "TMK_Poullot", "m": 0}, "`m` 0"),
        ({"T": ()}, r"`T` \[\]: expected periods above 0"),
        ({"T": (100, 0)}, r"`T` \[100, 0\]: expected periods above 0"),
        ({"T": "100"}, "`T` '100': expected numbers, as in 9767 2731 1039 253, or auto"),
        ({"T": 100}, "`T` 100: expected numbers"),
        ({"norm": "length"}, "`norm` 'length': expected one of feat, freq, feat_freq, matrix"),
        ({"norm": 3}, "`norm` 3: expected a text"),
        ({"beta": 0}, r"`beta` 0\.0: expected a number above 0"),
        ({"beta": math.nan}, "`beta` nan: expected a number above 0"),
        ({"beta": "8"}, "`beta` '8': expected a number"),
        ({"use_pca": 2}, "`use_pca` 2: expected 0 or 1"),
        ({"dataset": "EVVE", "rule": "strict"}, "`rule` 'strict': expected one of reference, off"),
        ({"dataset": "EVVE", "query_expansion": "all"}, "`query_expansion` 'all': .* aqe, don"),
        ({"precision": "float64"}, "`precision` 'float64': expected one of float32, float16"),
        ({"seed": -1}, "`seed` -1: expected an integer from 0"),
        ({"b_s": 0}, "`b_s` 0: expected an integer from 1"),
        ({"resnet_level": "29"}, "`resnet_level` '29': expected an integer from 1"),
        ({"model": "TMQ"}, "no model 'TMQ'; there are TMK, TMK_Poullot, LAMV, CTE"),
        ({"dataset": "EVE"}, "no dataset 'EVE'; there are Climbing"),
        ({"model": "videoalignment.datasets:EVVE"}, "model .*: expected a subclass of"),
    ],
)
def test_values_that_do_not_exist_are_refused(arguments, message):
    with pytest.raises(OptionError, match=message) as error:
        resolve(**arguments)
    assert "\n" not in str(error.value)


def test_files_of_a_whitening_are_read_before_the_work():
    with pytest.raises(VideoAlignmentError, match=r"^no\.t7: no such file"):
        resolve(use_pca=1, pca_mean="no.t7", pca_DVt="no.t7")


# ------------------------------------------------------------------ names


def test_names_say_what_differs():
    assert name(dataset="EVVE", query_expansion="aqe") == "TMK_EVVE_aqe"
    assert name(dataset="EVVE", rule="official", m=8) == "TMK_EVVE_m-8_rule-official"
    assert name(T=[100, 50], norm="freq") == "TMK_Climbing_T100-50_norm-freq"
    shared = {"resnet_level": 31, "phase": "val", "fold_index": 2, "allow_missing": True}
    assert (
        name("CTE", "Madonna", precision="float16", seed=3, **shared)
        == "CTE_Madonna_resnet_level-31_phase-val_fold_index-2_allow_missing-True"
        "_precision-float16_seed-3"
    )
    assert name(device="cpu", b_s=2) == "TMK_Climbing"  # change no result


def test_other_whitenings_have_other_names_and_the_same_one_has_one(pca, tmp_path):
    first, second = pca("first", seed=1), pca("second", seed=2)
    assert name(**first) != name(**second)
    assert name(**first).startswith("TMK_Climbing_pca-")
    assert name(**first) != name(**first | {"pca_DVt": second["pca_DVt"]})
    assert name(**first) != name(**first | {"pca_mean": second["pca_mean"]})
    assert name(**first) != name(**first, multiple_pca=1)
    shutil.copy(first["pca_mean"], tmp_path / "copy.t7")
    assert name(**first | {"pca_mean": str(tmp_path / "copy.t7")}) == name(**first)
    # the same numbers, written anew: torch writes the file's own name into it
    torch.save(torch.load(first["pca_mean"]), tmp_path / "again.t7")
    assert name(**first | {"pca_mean": str(tmp_path / "again.t7")}) == name(**first)


def test_names_are_folder_names(tmp_path):
    long = {"T": tuple(range(1, 200))}
    classes = ["videoalignment.models:TMK", "videoalignment.models.tmk:TMK_Poullot"]
    names = [name(model) for model in classes] + [name(**long)]
    names.append(name("videoalignment.models:TMK", "videoalignment.datasets:Climbing"))
    names.append(name(f"{__name__}:Own_Taker"))
    assert names[0] == "videoalignment.models.TMK_Climbing"
    assert names[-1] == "test-evaluation-options.Own-Taker_Climbing"
    assert len(set(names)) == 5
    for each in names:
        (tmp_path / each).mkdir()  # one folder, no other
        assert len(each) <= 120
        assert not set(each) & set(':/\\ "')
    assert name(T=(*long["T"], 7)) != name(**long)


_TEXTS = st.text(max_size=8) | st.sampled_from(["a_b-1", "a", "True", "1", "../x", "-1", "x-1_T2"])
_OF_MODELS = {
    "TMK": st.fixed_dictionaries(
        {},
        optional={
            "m": st.integers(1, 20),
            "T": st.lists(st.integers(1, 30), min_size=1, max_size=3),
            "norm": st.sampled_from(NORMALISATIONS),
            "beta": st.sampled_from([8, 8.0, 8.5, 32, 1e-5, 1e20]),
        },
    ),
    "TMK_Poullot": st.fixed_dictionaries({}, optional={"m": st.integers(15, 17)}),
    "CTE": st.fixed_dictionaries(
        {}, optional={"m": st.integers(1, 9), "fft_length": st.integers(20, 24)}
    ),
    "SumAggregation": st.just({}),
}
_OF_DATASETS = {
    "Climbing": st.just({}),
    "VCDB": st.fixed_dictionaries({}, optional={"phase": st.just("val")}),
    "EVVE": st.fixed_dictionaries(
        {},
        optional={
            "rule": st.sampled_from(["reference", "official"]),
            "query_expansion": st.sampled_from(["aqe", "don"]),
        },
    ),
}
_SHARED = st.fixed_dictionaries(
    {},
    optional={
        "resnet_level": st.sampled_from([29, 30]),
        "allow_missing": st.booleans(),
        "precision": st.sampled_from(["float32", "float16"]),
        "seed": st.integers(0, 1),
        "device": st.sampled_from(["auto", "cpu"]),
        "b_s": st.sampled_from([1, 16]),
    },
)


@st.composite
def any_options(draw) -> EvaluationOptions:
    model, dataset = draw(st.sampled_from([*_OF_MODELS])), draw(st.sampled_from([*_OF_DATASETS]))
    chosen = draw(_OF_MODELS[model]) | draw(_OF_DATASETS[dataset]) | draw(_SHARED)
    return EvaluationOptions(dataset, model, **chosen)


def what_is_computed(options: ResolvedOptions) -> dict:
    """All that the result depends on."""
    computed = dataclasses.asdict(options)
    for without in ("run_name", "device", "b_s", "differing"):
        del computed[without]
    return computed


@settings(max_examples=300)
@given(any_options(), any_options())
def test_names_differ_exactly_where_runs_do(one, other):
    one, other = resolve_options(one), resolve_options(other)
    same = what_is_computed(one) == what_is_computed(other)
    assert (one.run_name == other.run_name) == same


class Taker(MODELS["SumAggregation"]):
    options = {"a": "", "b": "", "n": 0, "x": 0.5, "t": (1,)}  # noqa: RUF012


class Own_Taker(Taker):
    pass


_TAKEN = st.fixed_dictionaries(
    {},
    optional={
        "a": _TEXTS,
        "b": _TEXTS,
        "n": st.integers(-2, 2),
        "x": st.floats(allow_nan=False) | st.integers(-2, 2),
        "t": st.lists(st.integers(-2, 2), min_size=1, max_size=3),
    },
)


@settings(max_examples=300)
@given(_TAKEN, _TAKEN)
@example({"a": "b-1"}, {"b": "1"})
@example({"a": "x_b-1"}, {"a": "x", "b": "1"})
@example({"a": "1"}, {"a": "1-6b86b273"})
def test_names_differ_exactly_where_options_of_an_own_model_do(one, other):
    one, other = (
        resolve(f"{__name__}:Taker", own={n: v for n, v in o.items() if v is not None})
        for o in (one, other)
    )
    same = what_is_computed(one) == what_is_computed(other)
    assert (one.run_name == other.run_name) == same
    assert not set(one.run_name) & set("/\\:\0 ")
    assert len(one.run_name) <= 120


# ------------------------------------------------------------------ the rest


def test_resolved_options_have_every_name_and_only_what_applies():
    options = resolve("CTE", "EVVE", fft_length=4000).as_given()
    names = {f.name for f in dataclasses.fields(EvaluationOptions)} - {"own"}
    assert options.keys() == names
    assert (options["m"], options["fft_length"], options["rule"]) == (512, 4000, "reference")
    assert options["T"] is options["norm"] is options["pca_mean"] is None


def test_the_names_that_command_lines_offer_are_those_of_the_kernel():
    assert NORMALISATION_NAMES == NORMALISATIONS


def test_options_need_neither_torch_nor_numpy():
    program = (
        "import sys, videoalignment.eval.options; print({'torch', 'numpy'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert shown.stdout.strip() == "set()", shown.stderr
