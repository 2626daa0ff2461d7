"""The help of a command, drawn from the table of options."""

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from videoalignment.cli.declare import Command, Option

_ALWAYS = [("-h, --help", "show this and exit"), ("--version", "show the version and exit")]


def show_command(command: Command) -> None:
    """Print what a command does and takes: usage, options in panels, exit statuses, examples."""
    usage = [command.title, *map(_words, command.arguments), "[options]"]
    panels: dict[str, list[tuple[str, str]]] = {}
    if command.arguments:
        panels["Arguments"] = [(_words(option), option.help) for option in command.arguments]
    for option in command.options:
        panels.setdefault(option.panel, []).append(_row(command, option))
    panels["Help"] = _ALWAYS
    panels["Exit status"] = [(str(number), what) for number, what in command.statuses.items()]
    _show(usage, f"{command.summary} {command.notes}", panels, command.examples)


def show_verbs(verbs: Mapping[str, Command], summary: str) -> None:
    """Print which verbs there are."""
    panels = {
        "Verbs": [(verb, command.summary) for verb, command in verbs.items()],
        "Help": _ALWAYS,
    }
    examples = ["videoalignment VERB --help", *(verb.examples[0] for verb in verbs.values())]
    _show(["videoalignment", "VERB", "..."], summary, panels, examples)


def _row(command: Command, option: Option) -> tuple[str, str]:
    """The option with its words, and what it does."""
    flag, facts = command.shown(option), []
    if option.kind is not bool:
        flag += f" {_words(option)}"
    if option.choices:
        own = ["package.module:Class"] if option.own_class else []
        facts.append(f"one of {', '.join([*option.choices, *own])}")
    if option.required:
        facts.append("required")
    if default := _shown_default(command, option):
        facts.append(f"default: {default}")
    return flag, option.help + (f" [{'; '.join(facts)}]" if facts else "")


def _words(option: Option) -> str:
    return option.word + (" ..." if option.words == "+" else "")


def _shown_default(command: Command, option: Option) -> str:
    default = command.default_of(option)
    if default is None:
        return option.shown_default
    return f"{default:g}" if isinstance(default, float) else str(default)


def _show(
    usage: list[str],
    summary: str,
    panels: Mapping[str, list[tuple[str, str]]],
    examples: Iterable[str],
) -> None:
    width = max(len(left) for rows in panels.values() for left, _ in rows)
    console = Console(highlight=False)
    console.print(Text("usage: ", style="bold").append(" ".join(usage), style="not bold"))
    console.print(Padding(Text(summary.strip()), (1, 0)))
    for title, rows in panels.items():
        console.print(_panel(title, rows, width))
    console.print(Text("\nExamples:", style="bold"))
    for example in examples:  # each on one line, to be copied
        console.print(Text(f"  {example}"), soft_wrap=True)


def _panel(title: str, rows: list[tuple[str, str]], width: int) -> Panel:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True, width=width)
    table.add_column()
    for left, right in rows:
        table.add_row(Text(left), Text(right))
    return Panel(table, title=Text(title), title_align="left", border_style="dim")
