"""The `videoalignment` command: a verb a module. Whatever takes long to import is imported late."""

import sys

import typer

from videoalignment.cli import align, evaluate, features, tmk
from videoalignment.cli.console import EXIT_INTERRUPTED, run_command
from videoalignment.errors import VideoAlignmentError

# The base of all complaints about a command line; Typer has no public name for it.
_UsageError: type[Exception] = typer.BadParameter.__base__

app = typer.Typer(
    name="videoalignment",
    help="Find where videos meet in time, to a fraction of a frame.",
    add_completion=False,
    pretty_exceptions_enable=False,
    # so that --side-by-side is --side_by_side
    context_settings={"token_normalize_func": lambda name: name.replace("-", "_")},
)


@app.callback(epilog="videoalignment VERB --help shows examples.")
def _verbs() -> None:
    """Find where videos meet in time, to a fraction of a frame."""


app.command("align", epilog=align.EXAMPLES)(align.align)
app.command("features", epilog=features.EXAMPLES)(features.features)
app.command("evaluate", epilog=evaluate.EXAMPLES)(evaluate.evaluate)
app.add_typer(tmk.app, name="tmk")


def main() -> None:
    """Run the command that `sys.argv` holds and exit with its status."""
    sys.stdout.reconfigure(errors="replace")  # a name that the terminal has no letters for
    run_command(lambda: _run(sys.argv[1:] or ["--help"]))


def _run(arguments: list[str]) -> int | None:
    """Run a command line; complaints about it become errors like all others."""
    try:
        status = app(arguments, standalone_mode=False)
    except _UsageError as error:
        command = error.ctx.command_path if error.ctx else "videoalignment"
        message = error.format_message().rstrip(".")
        raise VideoAlignmentError(f"{message}; see '{command} --help'") from error
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    if status == EXIT_INTERRUPTED:  # what Typer makes of Ctrl-C; older ones raise Abort
        raise KeyboardInterrupt
    return status
