"""The page of duplicates, in a real browser."""

import pytest
from ramps import run_ffmpeg

from videoalignment.align.alignment import Segment
from videoalignment.index.duplicates import Duplicates
from videoalignment.index.groups import Group, SharedPart
from videoalignment.index.records import VideoEntry
from videoalignment.present.duplicates_page import write_duplicates_page
from videoalignment.time_map import TimeMap

pytest.importorskip("selenium")
from selenium.webdriver.common.by import By

_NASTY = "<∕script><img src=x onerror=alert(1)>\"'&.mp4"


@pytest.fixture
def found(make_ramp, tmp_path) -> Duplicates:
    """A group of two files that are there, and a part shared with one that is gone."""
    a = make_ramp("a.mp4", 4.0)
    b = tmp_path / _NASTY
    run_ffmpeg("-ss", "1", "-i", a, f"file:{b}")
    one, other, gone = (
        VideoEntry(str(name), digit * 32, 4.0)
        for name, digit in ((a, "a"), (b, "b"), (tmp_path / "gone.mp4", "c"))
    )
    same = SharedPart(one, other, (Segment(TimeMap(-1.0), 1.0, 4.0, 0.9),), 0.99)
    part = SharedPart(one, gone, (Segment(TimeMap(2.0), 0.0, 0.5, 0.9),), 0.95)
    return Duplicates((Group((one, other), (same,)),), (part,))


def test_groups_are_shown_with_frames_side_by_side(browser, tmp_path, found):
    write_duplicates_page(tmp_path / "d.html", found)
    browser.get((tmp_path / "d.html").as_uri())
    assert [e["message"] for e in browser.get_log("browser")] == []
    assert browser.title == "2 videos in 1 groups, 1 other pairs share a part"
    pictures = browser.execute_script(
        "return [...document.querySelectorAll('.group .pair')].map(pair =>"
        " [...pair.querySelectorAll('img')].map(i => i.complete && i.naturalWidth > 0))"
    )
    assert pictures == [[True, True]] * 3
    text = browser.find_element(By.TAG_NAME, "main").text
    assert _NASTY in text
    assert "same · 75% and 75% of them · confidence 0.99" in text
    shared = browser.find_element(By.CSS_SELECTOR, ".shared").text
    assert "file not at hand" in shared
    fetched = browser.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert all(url.startswith("data:") for url in fetched)


def test_frames_that_stand_side_by_side_are_of_one_moment(browser, tmp_path, found):
    write_duplicates_page(tmp_path / "d.html", found)
    browser.get((tmp_path / "d.html").as_uri())
    brightness = browser.execute_script(
        "return [...document.querySelectorAll('.group .pair')].map(pair =>"
        " [...pair.querySelectorAll('img')].map(image => {"
        "  const canvas = document.createElement('canvas');"
        "  canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;"
        "  const context = canvas.getContext('2d'); context.drawImage(image, 0, 0);"
        "  const data = context.getImageData(0, 0, canvas.width, canvas.height).data;"
        "  return data.reduce((sum, value) => sum + value, 0) / data.length }))"
    )
    for a, b in brightness:
        assert a == pytest.approx(b, abs=2.0)
    assert len({round(a) for a, _ in brightness}) == 3
