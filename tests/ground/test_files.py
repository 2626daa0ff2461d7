import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from videoalignment.errors import UnusableFileError, VideoAlignmentError
from videoalignment.files import readable_file, whole_file, whole_folder, whole_path


def test_a_file_is_written_with_its_folder(tmp_path):
    path = tmp_path / "new" / "results" / "a.json"
    with whole_file(path, "w", encoding="utf-8") as file:
        file.write("ü")
        assert not path.exists()
    assert path.read_text(encoding="utf-8") == "ü"
    assert [p.name for p in path.parent.iterdir()] == ["a.json"]


def test_a_writer_gets_a_path_with_the_same_suffix(tmp_path):
    with whole_path(tmp_path / "plot.png") as temporary:
        assert (temporary.parent, temporary.suffix) == (tmp_path, ".png")
        temporary.write_bytes(b"picture")
    assert (tmp_path / "plot.png").read_bytes() == b"picture"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("before", [None, "old"])
def test_an_error_leaves_what_was_there(tmp_path, error, before):
    path = tmp_path / "a.txt"
    if before:
        path.write_text(before)
    with pytest.raises(error), whole_file(path, "w") as file:
        file.write("new and longer")
        raise error
    assert [p.read_text() for p in tmp_path.iterdir()] == ([before] if before else [])


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_killed_in_the_middle_leaves_the_old_file(tmp_path, ending):
    path = tmp_path / "a.txt"
    path.write_text("old")
    program = textwrap.dedent(
        f"""
        import os
        from videoalignment.files import whole_file
        with whole_file({str(path)!r}, "w") as file:
            file.write("x" * 1_000_000)
            file.flush()
            os.kill(os.getpid(), {int(ending)})
        """
    )
    ended = subprocess.run([sys.executable, "-c", program])
    assert ended.returncode == -ending
    assert path.read_text() == "old"


WRITE = """
import os, signal, sys
from pathlib import Path
from videoalignment.files import whole_file, whole_folder
folder = Path(sys.argv[1])
with whole_file(folder / "a.txt") as file, whole_folder(folder / "b") as made:
    (made / "part").write_text("half")
    file.write(b"half")
    file.flush()
    if sys.argv[2] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def write_in_another_process(folder, how: str = "finish") -> None:
    subprocess.run([sys.executable, "-c", WRITE, str(folder), how])


def test_what_a_killed_writer_left_is_cleared_by_the_next_one(tmp_path):
    write_in_another_process(tmp_path, "die")
    assert len([*tmp_path.iterdir()]) == 2  # the test's own ground: something is left
    write_in_another_process(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b"]


def test_what_a_living_writer_has_begun_is_not_cleared(tmp_path):
    with whole_file(tmp_path / "c.txt", "w") as file, whole_folder(tmp_path / "d") as folder:
        (folder / "part").write_text("mine")
        write_in_another_process(tmp_path)
        file.write("mine")
    assert (tmp_path / "c.txt").read_text() == "mine"
    assert (tmp_path / "d" / "part").read_text() == "mine"


def test_what_only_has_such_a_name_is_not_followed(tmp_path):
    elsewhere, here = tmp_path / "elsewhere", tmp_path / "here"
    elsewhere.mkdir()
    here.mkdir()
    (elsewhere / "kept.txt").write_text("kept")
    (here / ".unfinished-link").symlink_to(elsewhere)
    (here / ".unfinished-file").symlink_to(elsewhere / "kept.txt")
    os.mkfifo(here / ".unfinished-pipe")
    write_in_another_process(here)
    assert (elsewhere / "kept.txt").read_text() == "kept"
    assert (here / "a.txt").exists()


def test_of_two_writers_the_last_to_finish_wins(tmp_path):
    path = tmp_path / "a.txt"
    with whole_file(path, "w") as first:
        first.write("first")
        with whole_file(path, "w") as second:
            second.write("second")
        assert path.read_text() == "second"
    assert path.read_text() == "first"


def test_the_file_is_as_readable_as_any_other(tmp_path):
    (tmp_path / "plain").write_text("")
    with whole_file(tmp_path / "whole") as file:
        file.write(b"")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "whole")}
    assert len(modes) == 1


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "a.txt"
    with pytest.raises(VideoAlignmentError) as error, whole_file(path):
        pass
    assert str(error.value).startswith(f"{path}: cannot be written")


def test_a_file_that_is_a_folder(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(VideoAlignmentError) as error, whole_file(path) as file:
        file.write(b"x")
    assert str(error.value).startswith(f"{path}: cannot be written")
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "no file was named"),
        (".", "is a folder, a video was expected"),
        ("gone.mp4", "no such file"),
        ("file/below", "no such file"),
        ("x" * 300, "cannot be a file"),
        ("x" * 100_000, "cannot be a file"),
        ("nul\0.mp4", "cannot be a file"),
        ("loop", "cannot be a file"),
        ("pipe", "is a pipe or a device"),
        (os.devnull, "is a pipe or a device"),
    ],
)
def test_what_is_no_readable_file_is_one_line_at_once(tmp_path, monkeypatch, path, reason):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("loop").symlink_to("loop")
    os.mkfifo("pipe")
    with pytest.raises(UnusableFileError, match=reason) as error:
        readable_file(path, "a video")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400
    assert readable_file("file", "a video") == Path("file")


@pytest.mark.parametrize("whole", [whole_path, whole_folder])
def test_ctrl_c_at_any_line_leaves_nothing_unfinished(tmp_path, whole):
    """Interrupted before the first line that runs, before the second, ..., until all have run."""
    for line in range(1, 200):
        folder = tmp_path / str(line)
        left = line

        def interrupt(frame, event, _):
            nonlocal left
            if frame.f_globals["__name__"] == "videoalignment.files":
                left -= event == "line"
                if not left:
                    raise KeyboardInterrupt
            return interrupt

        sys.settrace(interrupt)
        try:
            with whole(folder / "made.txt"):
                pass
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        assert not [*folder.glob(".*")]
        if left > 0:  # it ran through
            assert [path.name for path in folder.iterdir()] == ["made.txt"]
            return
    raise AssertionError("it never ended")
