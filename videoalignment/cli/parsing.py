"""From the words of a command line to the values of its options."""

import argparse
import difflib
import reprlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from videoalignment.cli.declare import Command, Option
from videoalignment.errors import OptionError

_NOT_OF_KIND: dict[Any, str] = {int: "not a whole number", float: "not a number"}


def parse(command: Command, words: Sequence[str]) -> dict[str, Any]:
    """The value of each of the command's options by its parameter, defaults included.

    Raises:
        OptionError: the words are not what the command takes; the message names the flag.
    """
    parser = _Parser(prog=command.title, add_help=False, allow_abbrev=False)
    for option in command.arguments:
        parser.add_argument(
            option.parameter,
            metavar=option.word,
            nargs=_nargs(option),
            type=partial(_value, option),
        )
    for option in command.options:
        names = {"dest": option.parameter, "default": command.default_of(option)}
        if option.kind is bool:
            parser.add_argument(command.shown(option), action="store_const", const=True, **names)
        else:
            parser.add_argument(
                command.shown(option),
                action="append" if option.repeated else "store",
                nargs=_nargs(option),
                required=option.required,
                type=partial(_value, option),
                **names,
            )
    return vars(parser.parse_args(_as_declared(command, words)))


def _nargs(option: Option) -> int | str | None:
    return None if option.words == 1 else option.words


class _Parser(argparse.ArgumentParser):
    """One whose complaints are errors like all others."""

    def error(self, message: str) -> NoReturn:
        message = message.removeprefix("argument ")
        message = message.replace("the following arguments are required: ", "missing: ")
        raise OptionError(f"{message}; {_see_help(self.prog)}")


def _see_help(title: str) -> str:
    return f"see '{title} --help'"


def _value(option: Option, word: str) -> Any:
    """A word as the option's kind."""
    if option.choices and word not in option.choices and not (option.own_class and ":" in word):
        own = ", or package.module:Class" if option.own_class else ""
        raise argparse.ArgumentTypeError(
            f"no {reprlib.repr(word)}{did_you_mean(word, option.choices)}; "
            f"expected one of {', '.join(option.choices)}{own}"
        )
    try:
        return option.kind(word)
    except ValueError as error:
        problem = _NOT_OF_KIND.get(option.kind, error)
        raise argparse.ArgumentTypeError(f"{reprlib.repr(word)} is {problem}") from None


def _as_declared(command: Command, words: Sequence[str]) -> list[str]:
    """The words in an order that argparse cannot misread: options with theirs, --, the rest."""
    left = list(words)
    options: list[str] = []
    by_place: list[str] = []
    while left:
        word = left.pop(0)
        if word == "--":
            by_place += left
            break
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            option = _named(command, name)
            flag = command.shown(option)
            options += [f"{flag}={value}"] if equals else [*_with_words(flag, option, left)]
        elif word.startswith("-") and word != "-":
            raise OptionError(
                f"{word}: no such option (a file name with a dash in front goes behind --); "
                f"{_see_help(command.title)}"
            )
        else:
            by_place.append(word)
    return [*options, *(["--"] if by_place else []), *by_place]


def _with_words(flag: str, option: Option, left: list[str]) -> Iterator[str]:
    """A flag and the words that belong to it, taken off what is left.

    argparse would take a word with a dash in front for an option, even where the name of a file
    must follow.
    """
    if option.words == 1 and option.kind is not bool and left and not left[0].startswith("--"):
        yield f"{flag}={left.pop(0)}"
        return
    yield flag
    if option.words == 1:
        return
    taken = 0
    while left and not left[0].startswith("--") and taken != option.words:
        word = left.pop(0)
        has_dash = option.kind is Path and word.startswith("-") and word != "-"
        yield f"./{word}" if has_dash else word
        taken += 1


def _named(command: Command, name: str) -> Option:
    """The option of that name: with hyphens, underscores, or cut off where that is unambiguous.

    Raises:
        OptionError: there is none, or several begin like that.
    """
    options = {_plain(command.shown(option)): option for option in command.options}
    plain = _plain(name)
    if plain in options:
        return options[plain]
    begun = [key for key in options if key.startswith(plain)]
    if len(begun) == 1:
        return options[begun[0]]
    flags = {key: command.shown(option) for key, option in options.items()}
    if begun:
        problem = f"may be {' or '.join(flags[key] for key in begun)}"
    else:
        near = difflib.get_close_matches(plain, flags, n=1)
        problem = "no such option" + (f"; did you mean {flags[near[0]]}?" if near else "")
    raise OptionError(f"{name}: {problem}; {_see_help(command.title)}")


def _plain(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")


def did_you_mean(word: str, names: Sequence[str]) -> str:
    near = {name.lower(): name for name in names}
    found = difflib.get_close_matches(word.lower(), near, n=1)
    return f", did you mean {near[found[0]]}?" if found else ""
