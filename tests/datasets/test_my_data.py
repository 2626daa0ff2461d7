import pytest

from videoalignment import my_data
from videoalignment.errors import VideoAlignmentError
from videoalignment.my_data import dataset_root


@pytest.fixture(autouse=True)
def _nothing_configured(tmp_path, monkeypatch):
    """An empty working folder, and no variable set."""
    for name in ("CONFIG", "CLIMBING", "MADONNA", "VCDB", "EVVE"):
        monkeypatch.delenv(f"VIDEOALIGNMENT_{name}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tmp_path):
    def make(name: str):
        path = tmp_path / name
        path.mkdir()
        return path

    return make


def test_the_environment_beats_toml_beats_the_file(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(my_data.DATASETS, "VCDB", str(folder("by_file")))
    assert dataset_root("VCDB").name == "by_file"
    (tmp_path / "videoalignment.toml").write_text(f'[datasets]\nVCDB = "{folder("by_toml")}"')
    assert dataset_root("VCDB").name == "by_toml"
    monkeypatch.setenv("VIDEOALIGNMENT_VCDB", str(folder("by_environment")))
    assert dataset_root("VCDB").name == "by_environment"


def test_a_dataset_without_an_entry_needs_a_variable(folder, monkeypatch):
    with pytest.raises(VideoAlignmentError, match="set VIDEOALIGNMENT_MY_PARTY=FOLDER or add it"):
        dataset_root("My party")
    monkeypatch.setenv("VIDEOALIGNMENT_MY_PARTY", str(folder("mine")))
    assert dataset_root("My party").name == "mine"


def test_an_empty_variable_is_not_set(folder, monkeypatch):
    monkeypatch.setitem(my_data.DATASETS, "EVVE", str(folder("by_file")))
    monkeypatch.setenv("VIDEOALIGNMENT_EVVE", "")
    assert dataset_root("EVVE").name == "by_file"


def test_toml_may_lie_elsewhere(folder, monkeypatch):
    config = folder("settings") / "paths.toml"
    config.write_text(f'[datasets]\nClimbing = "{folder("climbing")}"')
    monkeypatch.setenv("VIDEOALIGNMENT_CONFIG", str(config))
    assert dataset_root("Climbing").name == "climbing"


def test_a_root_may_begin_with_the_home_folder(folder, tmp_path, monkeypatch):
    folder("mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VIDEOALIGNMENT_VCDB", "~/mine")
    assert dataset_root("VCDB") == tmp_path / "mine"


@pytest.mark.parametrize("source", ["environment variable VIDEOALIGNMENT_VCDB", "toml", "my_data"])
def test_a_missing_root_says_who_named_it_and_how_to_change_it(tmp_path, monkeypatch, source):
    missing = tmp_path / "nowhere"
    if "environment" in source:
        monkeypatch.setenv("VIDEOALIGNMENT_VCDB", str(missing))
    elif source == "toml":
        (tmp_path / "videoalignment.toml").write_text(f'[datasets]\nVCDB = "{missing}"')
    else:
        monkeypatch.setitem(my_data.DATASETS, "VCDB", str(missing))
    with pytest.raises(VideoAlignmentError) as error:
        dataset_root("VCDB")
    message = str(error.value)
    assert message.startswith(f"{missing}: no such folder")
    assert source in message
    assert "set VIDEOALIGNMENT_VCDB=FOLDER" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"[datasets\n", "not valid TOML"),
        (b"datasets = 3", r"\[datasets\] must be a table"),
        (b"[datasets]\nVCDB = 3", "datasets.VCDB must be a string"),
        (b"\xff\xff", "cannot be read"),
    ],
)
def test_an_unusable_toml_file_is_named(tmp_path, content, wrong):
    (tmp_path / "videoalignment.toml").write_bytes(content)
    with pytest.raises(VideoAlignmentError, match=rf"^videoalignment\.toml: .*{wrong}"):
        dataset_root("VCDB")


def test_a_toml_file_that_was_named_must_exist(monkeypatch):
    monkeypatch.setenv("VIDEOALIGNMENT_CONFIG", "no_such.toml")
    with pytest.raises(VideoAlignmentError, match=r"^no_such\.toml: cannot be read"):
        dataset_root("VCDB")
