"""Classes with options of their own: what a model or a protocol takes, declared in one way."""

from collections.abc import Mapping
from numbers import Integral, Real
from types import SimpleNamespace
from typing import Any, ClassVar

from videoalignment.errors import OptionError


class Configurable:
    """A class that declares which options it takes, with their defaults."""

    options: ClassVar[Mapping[str, Any]] = {}
    """Defaults by name. A default says the type too: an integer, a number, a text, a tuple of
    numbers; None takes anything."""

    @classmethod
    def read_options(cls, args: Any = None) -> dict[str, Any]:
        """All options as `args` has them, with defaults for the rest.

        Args:
            args: any object with attributes; those that are no options are ignored, and None
                stands for the default, as argparse has it.
        """
        given = {name: getattr(args, name, None) for name in cls.options}
        return {
            name: default if given[name] is None else given[name]
            for name, default in cls.options.items()
        }

    @classmethod
    def check_options(cls, options: Mapping[str, Any]) -> None:
        """Refuse values that do not exist, or do not go together; `options` are complete.

        Raises:
            OptionError: the message names the option.
        """

    @classmethod
    def resolve_options(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """All options, checked, each of its default's type.

        Args:
            given: some of the options by name.

        Raises:
            OptionError: an option has no such value, or does not go with the others.
        """
        options = {
            name: _like(cls.options[name], name, value)
            for name, value in cls.read_options(SimpleNamespace(**given)).items()
        }
        cls.check_options(options)
        return options

    @classmethod
    def differing_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of resolved options that differ from the defaults."""
        defaults = cls.resolve_options({})
        return {name: value for name, value in options.items() if value != defaults[name]}

    @classmethod
    def name_options(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """What of resolved options a run's name says: those that differ from the defaults.

        A class may say it in other words, as long as different options give different words. A
        value of None stands for a name that says all.
        """
        return cls.differing_options(options)


def _like(default: Any, name: str, value: Any) -> Any:
    """A value as the type that the default has."""
    try:
        if isinstance(default, str) and isinstance(value, str):
            return value
        if isinstance(default, Integral) and isinstance(value, Integral):
            return int(value)
        if isinstance(default, float) and isinstance(value, Real):
            return float(value)
        if isinstance(default, tuple) and not isinstance(value, str):
            return tuple(_like(default[0], name, number) for number in value)
        if default is None:
            return value
    except TypeError:  # not a sequence
        pass
    raise OptionError(f"`{name}` {value!r}: expected {_kind(default)}")


def _kind(default: Any) -> str:
    if isinstance(default, tuple):
        return "numbers, as in " + " ".join(map(str, default))
    if isinstance(default, Integral):
        return "an integer"
    return "a number" if isinstance(default, float) else "a text"
