"""The command lines: `videoalignment` with a verb a module, main.py and rmac_features.py.

options/ is the one table of options, commands.py says which command has which; whatever takes
long to import is imported late.
"""

import importlib
import os
import reprlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from videoalignment.cli.commands import SCRIPTS, VERBS, flags_of
from videoalignment.cli.console import run_command
from videoalignment.cli.declare import Command
from videoalignment.cli.parsing import did_you_mean, parse
from videoalignment.errors import OptionError

_SUMMARY = "Find where videos meet in time, to a fraction of a frame."


def main() -> None:
    """Run the verb that `sys.argv` holds and exit with its status."""
    words = sys.argv[1:]
    for count in (1, 2):
        verb = " ".join(words[:count])
        if verb in VERBS:
            _run(VERBS[verb], words[count:])
    run_command(lambda: _without_verb(words))


def main_script(name: str) -> None:
    """Run a script, e.g. "main.py", on what `sys.argv` holds and exit with its status."""
    _run(SCRIPTS[name], sys.argv[1:])


def _run(command: Command, words: Sequence[str]) -> NoReturn:
    run_command(lambda: _status(command, words), flags_of(command))


def _status(command: Command, words: Sequence[str]) -> int | None:
    """Do what the words ask of the command."""
    if _asks_for_help(words):
        from videoalignment.cli.help import show_command

        show_command(command)
        return None
    if "--version" in words:
        _show_version()
        return None
    values = parse(command, words)
    _let_own_classes_be_found(command, values)
    module, _, function = command.body.partition(":")
    body: Callable[..., int | None] = getattr(importlib.import_module(module), function)
    return body(**values)


def _asks_for_help(words: Sequence[str]) -> bool:
    return bool({"--help", "-h"} & set(words[: words.index("--")] if "--" in words else words))


def _let_own_classes_be_found(command: Command, values: Mapping[str, Any]) -> None:
    """Let package.module:Class be found in the working folder, but nothing else be taken there."""
    own = (option for option in command.options if option.own_class)
    if any(":" in (values[option.parameter] or "") for option in own):
        sys.path.append(os.getcwd())  # noqa: PTH109


def _without_verb(words: list[str]) -> None:
    """What `videoalignment` does where no verb comes first; "tmk" is the first half of some."""
    begun = {name: verb for name, verb in VERBS.items() if words and name.split()[:-1] == words[:1]}
    if words[:1] == ["--version"]:
        _show_version()
    elif not words or _asks_for_help(words) or (begun and len(words) == 1):
        from videoalignment.cli.help import show_verbs

        show_verbs(begun or VERBS, _SUMMARY)
    else:
        verb = " ".join(words[: 2 if begun else 1])
        raise OptionError(
            f"no verb {reprlib.repr(verb)}{did_you_mean(verb, list(VERBS))}; "
            f"there are {', '.join(begun or VERBS)}; see 'videoalignment --help'"
        )


def _show_version() -> None:
    from videoalignment.version import __version__

    print(__version__)
