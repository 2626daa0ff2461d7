"""How commands end, seen from outside."""

import subprocess
import sys
import textwrap

import pytest

from videoalignment.cli.console import one_line


def run(body: str, **options) -> subprocess.CompletedProcess:
    """Run a command with this body."""
    program = (
        "import os, signal, sys\n"
        "from videoalignment.cli.console import run_command\n"
        "from videoalignment.errors import VideoAlignmentError\n"
        f"def command():\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
        "run_command(command)\n"
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


def test_a_mistake_of_ours_keeps_its_traceback():
    ended = run("1 / 0")
    assert ended.returncode == 1
    assert "ZeroDivisionError" in ended.stderr


def test_control_characters_of_file_names_do_not_reach_the_terminal():
    assert one_line("a\x1b[31mred\n\tfile\u202e.mp4") == "a\ufffd[31mred file\ufffd.mp4"
