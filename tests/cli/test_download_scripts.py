"""The download scripts, run as they are against a server on this machine with tiny archives.

What they leave is read by the dataset classes, which decide what a right tree is.
"""

import io
import os
import pickle
import re
import shutil
import signal
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from waiting import wait_until

from tests.cli.range_server import RangeServer
from videoalignment.datasets import EVVE, VCDB, Climbing, Madonna

REPOSITORY = Path(__file__).parents[2]
SCRIPTS = ("climbing.sh", "madonna.sh", "VCDB.sh", "evve.sh")
FEATURES = "dl.fbaipublicfiles.com/videoalignment"
ALIGN = "pascal.inrialpes.fr/data/evve/align_data"
VIDEOS = "pascal.inrialpes.fr/data2/evve/videos_align"
VCDB_SITE = "www.yugangjiang.info/research/VCDB"
CLIMBING_ZIP = f"{FEATURES}/climbing_rmac_resnet34_29.zip"
CLIPS = (
    "albert/video-1.mp4 0.00 4.00 10.00\n"
    "albert_ixus70/longvid.avi.mp4 0.00 3.00 12.00\n"
    "yang/DSC_1.mp4 0.00 2.00 0.00\n"
)
CLIMBING = ("albert/video-1", "albert_ixus70/longvid.avi", "yang/DSC_1")
COPIES = "a1.mp4,b2.flv,00:00:00,00:00:02,00:00:01,00:00:03\n"
WRONG = (
    "14c262ea09b4ca66feb7e88cf57e0faaeacc301f.mp4,f150e062960b477adcac3f12ef4543337f5a91a4.flv,"
    "00:00:19,00:00:33,00:00:00,00:00:14\n"
)

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "zip", "unzip", "tar"))),
    reason="bash, curl, zip, unzip or tar is not installed",
)


@pytest.fixture
def server() -> Iterator[RangeServer]:
    with RangeServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


def command(script: str, *arguments: str | Path) -> list[str]:
    return ["bash", str(REPOSITORY / script), *map(str, arguments)]


def environment(server: RangeServer) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "VIDEOALIGNMENT_MIRROR": server.address}


def run(
    server: RangeServer, script: str, *arguments: str | Path, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(script, *arguments),
        env=environment(server),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def error_line(done: subprocess.CompletedProcess[str], script: str, status: int = 1) -> str:
    """The one line of a failed run that tells why."""
    assert done.returncode == status, done.stderr
    line = done.stderr.splitlines()[-1]
    assert line.startswith(f"{script}: ")
    assert done.stderr.count(f"{script}: ") == 1
    return line


def descriptors(frames: int = 60) -> bytes:
    array = np.random.default_rng(frames).standard_normal((frames, 8)).astype(np.float32)
    return pickle.dumps(array, 2)


def zipped(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for name, content in files.items():
            writer.writestr(name, content)
    return archive.getvalue()


def zipped_features(names: Iterable[str], wrapped_in: str = "home/someone/features") -> bytes:
    return zipped({f"{wrapped_in}/{name}.pkl": descriptors() for name in names})


def tree(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def climbing(server: RangeServer) -> RangeServer:
    """The server with all of a small Climbing."""
    server.files[f"{ALIGN}/gt_climbing.align"] = CLIPS.encode()
    server.files[CLIMBING_ZIP] = zipped_features([*CLIMBING, "nobody/knows"])
    for line in CLIPS.splitlines():
        server.files[f"{VIDEOS}/climbing/{line.split()[0]}"] = b"no real video"
    return server


# ------------------------------------------------------------------ arguments and tools


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_names_the_options(server, script):
    done = run(server, script, "--help")
    assert done.returncode == 0
    assert {"--annotations", "VIDEOALIGNMENT_MIRROR"} <= set(re.findall(r"[-\w]+", done.stdout))


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("arguments", [(), ("--nonsense", "x"), ("x", "y"), ("x", "--annotations")])
def test_a_wrong_command_line_is_one_line_and_status_2(server, script, arguments, tmp_path):
    done = run(server, script, *arguments, cwd=tmp_path)
    error_line(done, script, status=2)
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_missing_tool_is_named(server, script, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("bash", "dirname", "cat", "unzip", "zip", "awk", "cmp", "tar"):
        (tools / tool).symlink_to(shutil.which(tool))
    done = subprocess.run(
        command(script, tmp_path / "data"),
        env={**environment(server), "PATH": str(tools)},
        capture_output=True,
        text=True,
    )
    assert "needs curl" in error_line(done, script)
    assert len(done.stderr.splitlines()) == 1


# ------------------------------------------------------------------ whole runs


def test_climbing_is_read_by_its_class(climbing, tmp_path):
    root = tmp_path / "a folder [with] odd 'letters'"
    done = run(climbing, "climbing.sh", root)
    assert done.returncode == 0, done.stderr
    assert "warning: 3 clips, 89 were published" in done.stderr
    dataset = Climbing(root)
    assert dataset.videos == CLIMBING
    assert [array.shape for array in dataset.read_descriptors(dataset.videos)] == [(60, 8)] * 3
    assert tree(root) == {
        "gt_climbing.align",
        *(f"rmac_resnet34_29/{name}.pkl" for name in CLIMBING),
        *(f"videos/{name}.mp4" for name in CLIMBING),
    }
    told = subprocess.run(
        ["bash", "-c", f'{done.stdout}\nprintf %s "$VIDEOALIGNMENT_CLIMBING"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == str(root)
    assert "next: python main.py --dataset_test Climbing" in done.stderr


def test_a_second_run_downloads_nothing(climbing, tmp_path):
    first = run(climbing, "climbing.sh", tmp_path)
    climbing.requests.clear()
    second = run(climbing, "climbing.sh", tmp_path)
    assert (second.returncode, second.stdout) == (0, first.stdout)
    assert climbing.requests == []


def test_a_folder_may_begin_with_a_dash_through_its_path(climbing, tmp_path):
    done = run(climbing, "climbing.sh", "--no-videos", "./-data", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "-data/videos").exists()
    assert "3 of 3 videos are not in videos/; their frame rate is taken to be 25" in done.stderr


def test_videos_that_the_server_lacks_are_counted(climbing, tmp_path):
    del climbing.files[f"{VIDEOS}/climbing/yang/DSC_1.mp4"]
    done = run(climbing, "climbing.sh", tmp_path)
    assert done.returncode == 0
    assert "1 of 3 videos are not in videos/" in done.stderr


def test_madonna_lies_flat(server, tmp_path):
    clips = "cam0/-a_b.c.mp4 0 4 0\ncam1/two.avi 0 4 1\n"
    server.files[f"{ALIGN}/gt_madonna.align"] = clips.encode()
    server.files[f"{FEATURES}/madonna_rmac_resnet34_29.zip"] = zipped_features(["-a_b", "two"], "x")
    server.files[f"{VIDEOS}/madonna/cam0/-a_b.c.mp4"] = b"video"
    done = run(server, "madonna.sh", tmp_path)
    assert done.returncode == 0, done.stderr
    assert Madonna(tmp_path).videos == ("-a_b", "two")
    assert (tmp_path / "videos/-a_b.mp4").read_bytes() == b"video"
    assert "1 of 2 videos are not in videos/" in done.stderr


# ------------------------------------------------------------------ broken downloads


def test_a_broken_download_goes_on_in_the_second_run(climbing, tmp_path):
    whole = len(climbing.files[CLIMBING_ZIP])
    climbing.breaks_at[CLIMBING_ZIP] = whole // 2
    done = run(climbing, "climbing.sh", tmp_path)
    assert "broke off" in error_line(done, "climbing.sh")
    assert done.stdout == ""
    assert not (tmp_path / "rmac_resnet34_29").exists()

    climbing.breaks_at.clear()
    climbing.requests.clear()
    assert run(climbing, "climbing.sh", tmp_path).returncode == 0
    assert (CLIMBING_ZIP, whole // 2) in climbing.requests
    assert climbing.bytes_sent[CLIMBING_ZIP] == whole
    assert Climbing(tmp_path).videos == CLIMBING


def test_a_server_that_cannot_resume_is_asked_from_the_beginning(climbing, tmp_path):
    climbing.resumes = False
    whole = len(climbing.files[CLIMBING_ZIP])
    part = tmp_path / ".download/climbing_rmac_resnet34_29.zip.part"
    part.parent.mkdir()
    part.write_bytes(b"half of it")
    assert run(climbing, "climbing.sh", tmp_path).returncode == 0
    assert climbing.bytes_sent[CLIMBING_ZIP] >= whole
    assert Climbing(tmp_path).videos == CLIMBING


def test_a_download_that_was_whole_but_not_yet_renamed_is_used(climbing, tmp_path):
    part = tmp_path / ".download/climbing_rmac_resnet34_29.zip.part"
    part.parent.mkdir()
    part.write_bytes(climbing.files[CLIMBING_ZIP])
    assert run(climbing, "climbing.sh", tmp_path).returncode == 0
    assert CLIMBING_ZIP not in climbing.bytes_sent


@pytest.mark.parametrize("script", ["climbing.sh", "VCDB.sh", "evve.sh"])
def test_a_server_that_is_down_is_one_line(server, tmp_path, script):
    server.down = True
    assert "HTTP 503" in error_line(run(server, script, tmp_path), script)


def test_ctrl_c_leaves_what_can_be_resumed(climbing, tmp_path):
    half = len(climbing.files[CLIMBING_ZIP]) // 2
    climbing.stalls_at[CLIMBING_ZIP] = half
    running = subprocess.Popen(
        command("climbing.sh", tmp_path),
        env=environment(climbing),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    part = tmp_path / ".download/climbing_rmac_resnet34_29.zip.part"
    wait_until(lambda: part.exists() and part.stat().st_size == half)
    second = run(climbing, "climbing.sh", tmp_path)
    assert f"process {running.pid} downloads to it already" in error_line(second, "climbing.sh")

    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert said.splitlines()[-1] == "stopped; the same command again goes on from here"
    assert part.stat().st_size == half

    climbing.stalls_at.clear()
    assert run(climbing, "climbing.sh", tmp_path).returncode == 0
    assert (CLIMBING_ZIP, half) in climbing.requests
    assert climbing.bytes_sent[CLIMBING_ZIP] == len(climbing.files[CLIMBING_ZIP])


# ------------------------------------------------------------------ wrong content


def test_what_is_no_zip_is_deleted_so_that_the_next_run_gets_it(climbing, tmp_path):
    right = climbing.files[CLIMBING_ZIP]
    damaged = bytearray(right)
    damaged[len(damaged) // 2] ^= 255
    for wrong in (b"<html>Sorry</html>", right[: len(right) // 2], bytes(damaged)):
        climbing.files[CLIMBING_ZIP] = wrong
        done = run(climbing, "climbing.sh", tmp_path)
        assert "not a whole zip file" in error_line(done, "climbing.sh")
        assert not (tmp_path / "rmac_resnet34_29").exists()
    climbing.files[CLIMBING_ZIP] = right
    assert run(climbing, "climbing.sh", tmp_path).returncode == 0


def test_an_archive_of_something_else_is_an_error(climbing, tmp_path):
    climbing.files[CLIMBING_ZIP] = zipped_features(["other/video"])
    done = run(climbing, "climbing.sh", tmp_path)
    assert f"such as {CLIMBING[0]}.pkl" in error_line(done, "climbing.sh")
    assert done.stdout == ""


def test_features_that_the_archive_lacks_are_told_and_not_fetched_again(climbing, tmp_path):
    climbing.files[CLIMBING_ZIP] = zipped_features(CLIMBING[:2])
    for _ in range(2):
        done = run(climbing, "climbing.sh", tmp_path)
        assert "1 of 3 annotated videos have no features" in error_line(done, "climbing.sh")
        assert "--allow_missing" in done.stderr
    assert [path for path, _ in climbing.requests].count(CLIMBING_ZIP) == 1
    assert Climbing(tmp_path, allow_missing=True).videos == CLIMBING[:2]


def test_a_feature_file_that_went_missing_is_fetched_again(climbing, tmp_path):
    run(climbing, "climbing.sh", tmp_path)
    (tmp_path / f"rmac_resnet34_29/{CLIMBING[0]}.pkl").unlink()
    assert run(climbing, "climbing.sh", tmp_path).returncode == 0
    assert Climbing(tmp_path).videos == CLIMBING


@pytest.mark.parametrize("wrong", ["<html>Sorry</html>\n", "a.mp4 0 later 1\n"])
def test_a_page_instead_of_the_ground_truth_is_an_error(climbing, tmp_path, wrong):
    climbing.files[f"{ALIGN}/gt_climbing.align"] = wrong.encode()
    done = run(climbing, "climbing.sh", tmp_path)
    assert "not the ground truth" in error_line(done, "climbing.sh")
    assert not (tmp_path / "gt_climbing.align").exists()


@pytest.mark.parametrize("path", ["../../outside.mp4", "/outside.mp4", "a/../../outside.mp4"])
def test_names_that_lead_out_of_the_folder_are_refused(climbing, tmp_path, path):
    climbing.files[f"{ALIGN}/gt_climbing.align"] = f"{path} 0 1 0\n".encode()
    done = run(climbing, "climbing.sh", tmp_path / "inner/root")
    assert "no path inside the dataset" in error_line(done, "climbing.sh")
    assert [request for request, _ in climbing.requests] == [f"{ALIGN}/gt_climbing.align"]


def test_own_ground_truth_replaces_a_missing_one(climbing, tmp_path):
    del climbing.files[f"{ALIGN}/gt_climbing.align"]
    done = run(climbing, "climbing.sh", tmp_path / "data")
    assert "--annotations" in error_line(done, "climbing.sh")
    (tmp_path / "mine.align").write_text(CLIPS)
    done = run(climbing, "climbing.sh", "data", "--annotations", "mine.align", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Climbing(tmp_path / "data").videos == CLIMBING


# ------------------------------------------------------------------ VCDB


def split_core(folder: Path) -> dict[str, bytes]:
    """A core dataset in twelve parts, as published: two groups, and videos that nobody annotated.

    No file spans three parts, which `zip -s 0` cannot join.
    """
    source = folder / "core_dataset"
    rng = np.random.default_rng(0)
    for group in ("kick", "obama_kicks_door"):
        (source / "core_dataset" / group).mkdir(parents=True)
        for name in ("a1.mp4", "b2.flv", *(f"other{n}.flv" for n in range(6))):
            (source / "core_dataset" / group / name).write_bytes(rng.bytes(46_000))
    (source / "annotation").mkdir()
    (source / "annotation/kick.txt").write_text(COPIES)
    (source / "annotation/obama_kicks_door.txt").write_text(COPIES + WRONG + COPIES)
    (source / "readme.txt").write_text("About these files\n")
    zip_command = ["zip", "-q", "-r", "-s", "64k", "core_dataset.zip", "core_dataset"]
    subprocess.run(zip_command, cwd=folder, check=True)
    parts = {part.name: part.read_bytes() for part in folder.glob("core_dataset.z*")}
    assert sorted(parts) == [*(f"core_dataset.z{n:02d}" for n in range(1, 12)), "core_dataset.zip"]
    return parts


@pytest.fixture
def vcdb(server: RangeServer, tmp_path_factory: pytest.TempPathFactory) -> RangeServer:
    for name, content in split_core(tmp_path_factory.mktemp("core")).items():
        server.files[f"{VCDB_SITE}/files/{name}"] = content
    server.files[f"{VCDB_SITE}/index.html"] = b'<a href="files/core_dataset.zip">Core</a>'
    names = [f"{group}/{name}" for group in ("kick", "obama_kicks_door") for name in ("a1", "b2")]
    server.files[f"{FEATURES}/VCDB_rmac_resnet34_29.zip"] = zipped_features(names)
    return server


def test_vcdb_is_joined_and_its_wrong_lines_deleted(vcdb, tmp_path):
    done = run(vcdb, "VCDB.sh", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "warning: 3 annotated pairs, 9233 were published" in done.stderr
    dataset = VCDB(tmp_path)
    assert len(dataset.copies) == 3 and len(dataset.videos) == 4
    assert (tmp_path / "annotation/obama_kicks_door.txt").read_text() == COPIES * 2
    assert {path for path in tree(tmp_path) if path.startswith("videos/")} == {
        f"videos/{group}/{name}"
        for group in ("kick", "obama_kicks_door")
        for name in ("a1.mp4", "b2.flv")
    }
    vcdb.requests.clear()
    before = tree(tmp_path)
    assert run(vcdb, "VCDB.sh", tmp_path).returncode == 0
    assert vcdb.requests == [] and tree(tmp_path) == before


def test_a_part_of_vcdb_that_broke_off_goes_on(vcdb, tmp_path):
    broken = f"{VCDB_SITE}/files/core_dataset.z07"
    vcdb.breaks_at[broken] = 1000
    assert "core_dataset.z07" in error_line(run(vcdb, "VCDB.sh", tmp_path), "VCDB.sh")
    vcdb.breaks_at.clear()
    vcdb.requests.clear()
    assert run(vcdb, "VCDB.sh", tmp_path).returncode == 0
    asked = [request for request in vcdb.requests if "core_dataset" in request[0]]
    assert asked[0] == (broken, 1000) and len(asked) == 5


@pytest.mark.parametrize("part", ["z03", "zip"])
def test_a_wrong_part_of_vcdb_is_an_error_that_keeps_the_others(vcdb, tmp_path, part):
    wrong = f"{VCDB_SITE}/files/core_dataset.{part}"
    right, vcdb.files[wrong] = vcdb.files[wrong], b"<html>Sorry</html>"
    message = error_line(run(vcdb, "VCDB.sh", tmp_path), "VCDB.sh")
    assert "make no whole archive" in message
    assert not (tmp_path / "videos").exists()
    vcdb.files[wrong] = right
    (tmp_path / f".download/core_dataset.{part}").unlink()
    vcdb.requests.clear()
    assert run(vcdb, "VCDB.sh", tmp_path).returncode == 0
    assert len(VCDB(tmp_path).videos) == 4
    assert sum("core_dataset" in path for path, _ in vcdb.requests) == 1


def test_vcdb_without_videos_wants_annotations(vcdb, tmp_path):
    message = error_line(run(vcdb, "VCDB.sh", tmp_path, "--no-videos"), "VCDB.sh")
    assert "--annotations" in message
    page = b'<a href="core_dataset.zip">core</a> <a href="/d/annotation.zip">annotation</a>'
    vcdb.files[f"{VCDB_SITE}/index.html"] = page
    annotation = zipped({"x/kick.txt": COPIES.encode(), "x/about.txt": b"Hello\n"})
    vcdb.files["www.yugangjiang.info/d/annotation.zip"] = annotation
    done = run(vcdb, "VCDB.sh", tmp_path, "--no-videos")
    assert done.returncode == 0, done.stderr
    assert VCDB(tmp_path).videos == ("kick/a1", "kick/b2")
    assert not any("core_dataset" in path for path, _ in vcdb.requests)


def test_vcdbs_real_annotations_give_the_published_counts(server, tmp_path):
    annotation = REPOSITORY.parent / "shared/data/vcdb/annotation"
    if not annotation.is_dir():
        pytest.skip("../shared/data/vcdb/annotation is missing")
    ids = {
        f"{group.stem}/{name.rsplit('.', 1)[0]}"
        for group in annotation.glob("*.txt")
        for line in group.read_text().splitlines()
        for name in line.split(",")[:2]
    }
    server.files[f"{FEATURES}/VCDB_rmac_resnet34_29.zip"] = zipped_features(ids)
    done = run(server, "VCDB.sh", tmp_path, "--no-videos", "--annotations", annotation)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    dataset = VCDB(tmp_path)
    assert (len(dataset.copies), len(dataset.clips), len(dataset.videos)) == (9233, 7760, 528)


# ------------------------------------------------------------------ EVVE


def packed_evve() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as writer:
        files = {
            "evve/annots/geyser+2011.dat": b"-q1 1 query\nd1 1 database\nd2 -1 database\n",
            "evve/annots/durations.pkl": pickle.dumps({"geyser+2011/-q1": 4.0}, 2),
            "evve/results.dat": b"0.5 0.6\n",
        }
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            writer.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def test_evves_annotations_come_from_the_link_on_its_page(server, tmp_path):
    site = "pascal.inrialpes.fr/data/evve"
    page = b'<a href="videos.tgz">v</a> <a href="evve_annots.tgz">annotations</a>'
    server.files |= {f"{site}/": page, f"{site}/evve_annots.tgz": packed_evve()}
    names = [f"geyser+2011/{name}" for name in ("-q1", "d1", "d2")]
    server.files[f"{FEATURES}/EVVE_rmac_resnet34_29.zip"] = zipped_features(names)
    done = run(server, "evve.sh", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "warning: 1 queries, 620 were published" in done.stderr
    assert [label.label for label in EVVE(tmp_path).labels] == [1, 1, -1]
    assert tree(tmp_path / "annotations") == {"geyser+2011.dat", "durations.pkl"}


def test_evves_annotations_that_are_not_found_are_one_line(server, tmp_path):
    message = error_line(run(server, "evve.sh", tmp_path), "evve.sh")
    assert "--annotations FILE" in message
    (tmp_path / "wrong.tgz").write_bytes(b"<html>Sorry</html>")
    done = run(server, "evve.sh", tmp_path, "--annotations", tmp_path / "wrong.tgz")
    assert "not a whole zip or tar file" in error_line(done, "evve.sh")
