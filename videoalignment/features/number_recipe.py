"""Recipes that are all numbers, checked when they are made and when they are read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, TypeVar, cast

from videoalignment.errors import OptionError, UnusableFileError
from videoalignment.provenance import Digested

Recipe = TypeVar("Recipe", bound="NumberRecipe")


@dataclass(frozen=True, kw_only=True)
class NumberRecipe(Digested):
    """Numbers above 0, each of its default's type, that decide how something is described.

    Raises:
        OptionError: a number is impossible.
    """

    of: ClassVar[str]
    """What is described, for messages."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, default = getattr(self, field.name), cast(float, field.default)
            if type(value) is not type(default) or not 0 < value < 1e6:
                raise OptionError(f"`{field.name}` {value!r}: a recipe has no such value there")

    def to_json(self) -> dict[str, Any]:
        """The recipe as JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls: type[Recipe], content: Any) -> Recipe:
        """The recipe that `to_json` wrote.

        Raises:
            UnusableFileError: the content is no recipe; the message does not know the file's name.
        """
        names = {field.name for field in fields(cls)}
        if not isinstance(content, Mapping) or content.keys() != names:
            raise UnusableFileError(
                f"expected a recipe of {cls.of} with {', '.join(sorted(names))}"
            )
        try:
            return cls(**content)
        except OptionError as error:
            raise UnusableFileError(str(error)) from None
