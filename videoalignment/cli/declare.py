"""What an option and a command are: the columns of the table in options.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

_SAME: Any = object()
_WORDS: Mapping[Any, str] = {int: "N", float: "X"}


@dataclass(frozen=True)
class Option:
    """One row of the table: an option of one command or several."""

    parameter: str
    """Its name in the library, which messages of the library have in backticks."""
    help: str
    name: str = ""
    """The published name, without dashes; the parameter's unless given."""
    kind: Callable[[str], Any] = str
    """What makes a value of a word, e.g. int or Path; bool is for a flag without a word."""
    choices: tuple[str, ...] = ()
    own_class: bool = False
    """Whether package.module:Class is taken besides the choices."""
    metavar: str = ""
    """What its words are called in the help."""
    words: int | str = 1
    """How many follow it; "+" for one or more."""
    repeated: bool = False
    """Whether it may be given several times, a word each."""
    required: bool = False
    default: Any = None
    """What a verb passes on where it is not given; None leaves it to the library."""
    published_default: Any = _SAME
    """What a script passes on; the same unless given."""
    shown_default: str = ""
    """What the help says where the library decides."""
    of: tuple[str, ...] = ()
    """The commands that have it."""
    panel: str = ""
    """Where in their help."""

    @property
    def published_name(self) -> str:
        return self.name or self.parameter

    @property
    def word(self) -> str:
        """What its words are called in the help."""
        return self.metavar or _WORDS.get(self.kind, "NAME")


def panel(title: str, of: tuple[str, ...], *options: Option) -> tuple[Option, ...]:
    """Options that stand together in the help of the same commands."""
    return tuple(replace(option, panel=title, of=of) for option in options)


@dataclass(frozen=True)
class Command:
    """A verb or a script: which rows of the table it has, and what it calls with their values.

    A verb shows names with hyphens (--min-overlap), a script shows the published underscores
    (--min_overlap). Both take either.
    """

    title: str
    """What one types, e.g. "videoalignment align"."""
    body: str
    """"module:function", called with the value of each option by its parameter."""
    summary: str
    arguments: tuple[Option, ...]
    """Given by their place, in this order."""
    options: tuple[Option, ...]
    """Given by name."""
    statuses: Mapping[int, str]
    """What each exit status says."""
    notes: str = ""
    examples: tuple[str, ...] = ()
    script: bool = False
    """Whether it has the published spelling and defaults."""

    def shown(self, option: Option) -> str:
        """The option as this command's help and messages write it, e.g. --min-overlap."""
        if option in self.arguments:
            return option.word
        return spelled(option, script=self.script)

    def default_of(self, option: Option) -> Any:
        """What is passed on where the option is not given."""
        if self.script and option.published_default is not _SAME:
            return option.published_default
        return option.default


def spelled(option: Option, *, script: bool) -> str:
    """An option's flag: with underscores for a script, with hyphens for a verb."""
    name = option.published_name
    return f"--{name if script else name.replace('_', '-')}"
