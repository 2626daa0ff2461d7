"""How commands end, seen from outside."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from videoalignment.cli.console import one_line


def run(body: str, **options) -> subprocess.CompletedProcess:
    """Run a command with this body."""
    program = (
        "import errno, logging, os, signal, sys\n"
        "from videoalignment.cli.console import run_command\n"
        "from videoalignment.errors import VideoAlignmentError\n"
        f"def command():\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
        "run_command(command, {'min_overlap_s': '--min-overlap'})\n"
    )
    options = {"capture_output": True, **options}
    return subprocess.run([sys.executable, "-c", program], text=True, **options)


@pytest.mark.parametrize(("result", "status"), [("None", 0), ("0", 0), ("1", 1)])
def test_the_body_gives_the_status(result, status):
    ended = run(f"print('done'); return {result}")
    assert (ended.returncode, ended.stdout, ended.stderr) == (status, "done\n", "")


def test_bad_input_is_one_line_and_status_2():
    ended = run("raise VideoAlignmentError('a.pkl: broken\\n  (line 1\\nline 2)')")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "error: a.pkl: broken (line 1 line 2)\n"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interruption_is_one_line_and_status_130_after_cleaning_up(name):
    ended = run(
        f"""
        try:
            os.kill(os.getpid(), signal.{name})
            signal.pause()
        finally:
            print('cleaned up')
        """
    )
    assert (ended.returncode, ended.stdout) == (130, "cleaned up\n")
    assert len(ended.stderr.splitlines()) == 1
    assert "interrupted" in ended.stderr


def test_a_closed_pipe_is_silent():
    """As `command | head -1` does."""
    command = [sys.executable, "-c", textwrap.dedent(
        """
        from videoalignment.cli.console import run_command
        def command():
            for i in range(100_000):
                print(i)
        run_command(command)
        """
    )]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "0\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_stdout_is_one_line():
    with Path("/dev/full").open("w") as full:
        ended = run("print('answer')", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert (ended.returncode, ended.stderr) == (2, "error: No space left on device\n")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_closed_stream_is_no_error(stream):
    body = f"sys.{stream} = None\nrun_command(lambda: print('answer'))"
    assert run(body).returncode == 0


def test_parameters_in_backticks_become_flags_and_other_backticks_stay():
    message = "`min_overlap_s` 0: see `videoalignment align`, or `x`; `min_overlap_s` again"
    ended = run(f"raise VideoAlignmentError({message!r})")
    shown = "--min-overlap 0: see `videoalignment align`, or `x`; --min-overlap again"
    assert ended.stderr == f"error: {shown}\n"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("OSError(errno.ENOSPC, 'No space left on device', 'out.npz')", "out.npz: No space left"),
        ("OSError(errno.ENAMETOOLONG, 'File name too long', b'x')", "x: File name too long"),
        ("OSError('odd')", "unexpected OSError: odd"),
        ("MemoryError('5 GB')", "out of memory (5 GB)"),
        ("MemoryError()", "out of memory"),
        ("RecursionError('too\\ndeep')", "unexpected RecursionError: too deep"),
        ("KeyError('x')", "unexpected KeyError: 'x'; please report it"),
    ],
)
def test_whatever_else_goes_wrong_is_one_line_and_status_2(error, shown):
    ended = run(f"raise {error}")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"error: {shown}")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("error", ["KeyError('x')", "VideoAlignmentError('x')"])
def test_the_traceback_is_shown_to_who_asks_for_it(error):
    environment = {**os.environ, "VIDEOALIGNMENT_TRACEBACK": "1"}
    ended = run(f"raise {error}", env=environment)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Traceback")
    assert ended.stderr.splitlines()[-1].startswith("error: ")


# ------------------------------------------------------------------ the log


def test_what_the_library_logs_is_shown_a_line_a_record_and_never_on_stdout():
    ended = run(
        """
        log = logging.getLogger("videoalignment.features.store")
        log.debug("unseen")
        log.info("wrote %s", "a\\x1b[31m\\nb.npz")
        log.warning("`min_overlap_s` is short\\nvery")
        logging.getLogger("another.package").info("unseen")
        print("answer")
        """
    )
    assert (ended.returncode, ended.stdout) == (0, "answer\n")
    expected = "wrote a\ufffd[31m b.npz\nwarning: --min-overlap is short very\n"
    assert ended.stderr == expected


def screen(written: str) -> list[str]:
    """The lines that a terminal shows after these characters."""
    lines, column = [""], 0
    for part in re.findall(r"\x1b\[[\d;?]*[a-zA-Z]|.", written, re.DOTALL):
        if part == "\n":
            lines.append("")
            column = 0
        elif part == "\r":
            column = 0
        elif part == "\x1b[K":
            lines[-1] = lines[-1][:column]
        elif len(part) == 1:
            lines[-1] = lines[-1][:column].ljust(column) + part + lines[-1][column + 1 :]
            column += 1
    return [line.rstrip() for line in lines]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_log_and_progress_bar_share_a_terminal():
    import pty

    program = """
        import progressbar
        widgets = ["bar ", progressbar.Counter()]
        bar = progressbar.ProgressBar(max_value=3, fd=sys.stderr, widgets=widgets)
        bar.start()
        bar.update(1, force=True)
        logging.getLogger("videoalignment").info("one")
        bar.update(2, force=True)
        logging.getLogger("videoalignment").warning("two")
        bar.finish()
        """
    ours, theirs = pty.openpty()
    with os.fdopen(ours, encoding="utf-8", newline="") as terminal:
        ended = run(program, capture_output=False, stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        written = terminal_text(terminal)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "bar 2" in written
    assert [line for line in screen(written) if line] == ["one", "warning: two", "bar 3"]


def terminal_text(terminal) -> str:
    """All that was written to a terminal whose writers are gone."""
    characters = []
    try:
        while character := terminal.read(1):
            characters.append(character)
    except OSError:  # how Linux says that nobody writes any more
        pass
    return "".join(characters)


def test_control_characters_of_file_names_do_not_reach_the_terminal():
    assert one_line("a\x1b[31mred\n\tfile\u202e.mp4") == "a\ufffd[31mred file\ufffd.mp4"
