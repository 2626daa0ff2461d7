import subprocess
import sys

import pytest

from videoalignment.errors import OptionError
from videoalignment.registry import Registry

SHAPES = Registry("shape", {"Fraction": "fractions:Fraction", "Broken": "no_such_module:Thing"})


def test_names_are_listed_in_order_without_importing_anything():
    assert list(SHAPES) == ["Fraction", "Broken"]
    assert len(SHAPES) == 2


def test_a_name_gives_its_class():
    from fractions import Fraction

    assert SHAPES["Fraction"] is Fraction


def test_a_class_of_ones_own_needs_no_entry():
    from decimal import Decimal

    assert SHAPES["decimal:Decimal"] is Decimal


def test_in_asks_only_whether_a_name_is_listed():
    assert "Broken" in SHAPES  # not imported
    assert "Circle" not in SHAPES
    assert "no_such_module:Thing" not in SHAPES
    assert SHAPES.get("Circle") is None


@pytest.fixture
def working_folder(tmp_path, monkeypatch):
    """The working folder; modules in it are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_a_module_may_lie_in_the_working_folder_but_hides_no_other(working_folder):
    (working_folder / "my_shapes.py").write_text("class Circle: sides = 0")
    (working_folder / "sndhdr_of_mine").mkdir()
    (working_folder / "sndhdr_of_mine" / "round.py").write_text("class Ball: sides = 1")
    (working_folder / "colorsys.py").write_text("rgb_to_hsv = None")
    assert SHAPES["my_shapes:Circle"].sides == 0
    assert SHAPES["sndhdr_of_mine.round:Ball"].sides == 1
    assert SHAPES["colorsys:rgb_to_hsv"] is not None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("class Circle(", "SyntaxError"),
        ("import no_such_module", "No module named 'no_such_module'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import sys; sys.nothing", "AttributeError: module 'sys' has no attribute"),
    ],
)
def test_a_module_that_fails_is_one_line(working_folder, content, message):
    (working_folder / "failing.py").write_text(content)
    with pytest.raises(OptionError, match="shape 'failing:Circle': failing cannot be") as error:
        SHAPES["failing:Circle"]
    assert message in str(error.value)
    assert "\n" not in str(error.value)


NUMBERS = Registry("number", {"Fraction": "fractions:Fraction"}, base="numbers:Number")


def test_classes_are_of_the_kind_that_is_listed():
    assert NUMBERS["decimal:Decimal"](3) == NUMBERS["Fraction"](3)
    for name in ("decimal:Context", "math:pi", "math:sqrt", "decimal:MAX_PREC"):
        with pytest.raises(OptionError, match=f"number '{name}': expected a subclass of numbers"):
            NUMBERS[name]
    with pytest.raises(OptionError, match="number 'numbers:Complex': the class lacks __abs__, "):
        NUMBERS["numbers:Complex"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Circle", "no shape 'Circle'; there are Fraction, Broken, and package.module:Class"),
        ("no_such_module:Circle", "shape 'no_such_module:Circle': no_such_module cannot be"),
        ("decimal:Circle", "shape 'decimal:Circle': decimal has no Circle"),
        ("decimal:", "no shape 'decimal:'; there are"),
        (":Decimal", "no shape ':Decimal'; there are"),
        (".decimal:Decimal", "shape '.decimal:Decimal': .decimal cannot be imported"),
        ("Broken", "shape 'Broken': no_such_module cannot be imported"),
    ],
)
def test_what_is_wrong_is_one_line(name, message):
    with pytest.raises(OptionError) as error:
        SHAPES[name]
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_listing_models_datasets_and_protocols_loads_neither_torch_nor_numpy():
    program = (
        "import sys\n"
        "from videoalignment.datasets import DATASETS\n"
        "from videoalignment.eval import PROTOCOLS\n"
        "from videoalignment.models import MODELS\n"
        "print([next(iter(names)) for names in (DATASETS, MODELS, PROTOCOLS)])\n"
        "assert 'EVVE' in DATASETS and 'CTE' in MODELS and 'segments' in PROTOCOLS\n"
        "print({'torch', 'numpy'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert shown.stdout.strip().split("\n") == ["['Climbing', 'TMK', 'localisation']", "set()"]
