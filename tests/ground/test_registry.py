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


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Circle", "no shape 'Circle'; there are Fraction, Broken, and package.module:Class"),
        ("no_such_module:Circle", "shape 'no_such_module:Circle': no_such_module cannot be"),
        ("decimal:Circle", "shape 'decimal:Circle': decimal has no Circle"),
        ("Broken", "shape 'Broken': no_such_module cannot be imported"),
    ],
)
def test_what_is_wrong_is_one_line(name, message):
    with pytest.raises(OptionError) as error:
        SHAPES[name]
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_listing_models_and_datasets_loads_neither_torch_nor_numpy():
    program = (
        "import sys\n"
        "from videoalignment.datasets import DATASETS\n"
        "from videoalignment.models import MODELS\n"
        "print(list(DATASETS)[:1], list(MODELS)[:1], {'torch', 'numpy'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert shown.stdout.strip() == "['Climbing'] ['TMK'] set()"
