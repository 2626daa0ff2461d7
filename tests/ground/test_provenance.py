import json
from dataclasses import fields, replace

import pytest
from made_up import RECIPE

from videoalignment.errors import FeatureMismatchError, UnusableFileError
from videoalignment.provenance import FeatureRecipe

CHANGES = {
    "network": "efficientnet_lite0",
    "level": 12,
    "weights": "fedcba9876543210",
    "rmac_levels": 4,
    "whitening": "fedcba9876543210",
    "sum_before_pca": True,
    "regional": True,
    "image_area": 6000.0,
    "max_fps": 30.0,
    "precision": "bfloat16",
    "version": 99,
}


def test_every_field_is_changed_below():
    assert {field.name for field in fields(RECIPE)} == CHANGES.keys()


@pytest.mark.parametrize("name", CHANGES)
def test_every_field_is_part_of_the_digest(name):
    changed = replace(RECIPE, **{name: CHANGES[name]})
    assert changed.digest != RECIPE.digest
    assert changed.differences(RECIPE) == {name: (CHANGES[name], getattr(RECIPE, name))}


@pytest.mark.parametrize("name", sorted(CHANGES.keys() - {"max_fps"}))
def test_other_ways_cannot_be_compared(name):
    changed = replace(RECIPE, **{name: CHANGES[name]})
    with pytest.raises(FeatureMismatchError, match=rf"{name} {CHANGES[name]!r} and "):
        changed.check_comparable(RECIPE)


def test_other_frame_rates_can_be_compared():
    replace(RECIPE, max_fps=30.0).check_comparable(RECIPE)


def test_whole_numbers_are_the_same_recipe():
    whole = replace(RECIPE, image_area=12000, max_fps=15)
    assert whole == RECIPE
    assert whole.digest == RECIPE.digest


def test_a_recipe_survives_json():
    assert FeatureRecipe.from_json(json.loads(json.dumps(RECIPE.to_json()))) == RECIPE


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {**RECIPE.to_json(), "more": 1},
        {**RECIPE.to_json(), "level": 30},
        {**RECIPE.to_json(), "digest": None, "level": "29"},
        {**RECIPE.to_json(), "digest": None, "level": True},
        {**RECIPE.to_json(), "digest": None, "whitening": ["0"]},
        {k: v for k, v in RECIPE.to_json().items() if k != "level"},
    ],
)
def test_what_is_no_recipe_is_refused(content):
    with pytest.raises(UnusableFileError):
        FeatureRecipe.from_json(content)
