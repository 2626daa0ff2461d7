"""The report in a real browser."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ramps import line_alignment, pair_of, segment

from videoalignment.align.alignment import Alignment
from videoalignment.media.probe import probe_video
from videoalignment.present.document import alignment_document
from videoalignment.present.report import write_report

pytest.importorskip("selenium")
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

# A seek goes a millisecond into the frame.
_STEP_S = 0.005


@pytest.fixture
def write(tmp_path, make_ramp) -> Callable[..., Path]:
    """Write a report beside two made videos of 3 s (A, with sound) and 4 s (B)."""

    def write(alignment: Alignment, name_a: str = "a.mp4", name_b: str = "b.mp4") -> Path:
        for name, duration_s in ((name_a, 3.0), (name_b, 4.0)):
            key_frames = ("-g", "15", "-movflags", "+faststart")
            made = make_ramp("ramp.mp4", duration_s, sound=name == name_a, extra=key_frames)
            shutil.copy(made, tmp_path / name)
        a, b = probe_video(tmp_path / name_a), probe_video(tmp_path / name_b)
        path = tmp_path / "report.html"
        write_report(path, pair_of(alignment, a, b))
        return path

    return write


def _open(browser, path: Path) -> None:
    _complaints(browser)  # those of the page before are its own
    browser.get(path.as_uri())
    ready = "return [...document.querySelectorAll('video')].every(v => v.readyState >= 2)"
    WebDriverWait(browser, 20).until(lambda driver: driver.execute_script(ready))


def _seek(browser, moment_s: float) -> tuple[float, float]:
    """Move the slider; returns where both videos come to rest."""
    browser.execute_script(
        "const slider = document.getElementById('slider');"
        "slider.value = arguments[0]; slider.dispatchEvent(new Event('input'))",
        moment_s,
    )
    still = "return [...document.querySelectorAll('video')].every(v => !v.seeking)"
    WebDriverWait(browser, 20).until(lambda driver: driver.execute_script(still))
    return _times(browser)


def _times(browser) -> tuple[float, float]:
    return tuple(
        browser.execute_script(
            "return [...document.querySelectorAll('video')].map(v => v.currentTime)"
        )
    )


def _complaints(browser) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser")]


def _hidden_notes(browser) -> list[str]:
    return [note.text for note in browser.find_elements(By.CSS_SELECTOR, ".away")]


def test_the_page_is_whole(browser, write):
    _open(browser, write(line_alignment(0.7, 1, 3, 4)))
    assert _complaints(browser) == []
    sizes = browser.execute_script(
        "return [...document.images].map(i => [i.complete, i.naturalWidth, i.naturalHeight])"
    )
    assert len(sizes) == 5 * 2 + 1  # the pairs, and the similarity
    assert all(complete and width > 0 and height > 0 for complete, width, height in sizes)
    assert "a.mp4 starts 0.700 s after b.mp4 begins" in browser.title
    fetched = browser.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert all(url.startswith(("data:", "file:")) for url in fetched)


def test_nothing_is_wider_than_a_phone(browser, write):
    browser.get(write(line_alignment(0.7, 1, 3, 4), "a" * 90 + ".mp4").as_uri())
    phone = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        assert browser.execute_script("return document.documentElement.scrollWidth") == 360
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize(
    ("offset_s", "speed", "moment_s"),
    [(0.7, 1.0, 0.5), (0.7, 1.0, 2.5), (-1.0, 1.0, 2.0), (0.2, 1.25, 2.0), (1.0, 0.5, 1.2)],
)
def test_the_slider_moves_both(browser, write, offset_s, speed, moment_s):
    _open(browser, write(line_alignment(offset_s, speed, 3, 4)))
    time_a_s, time_b_s = _seek(browser, moment_s)
    assert time_a_s == pytest.approx(moment_s, abs=_STEP_S)
    assert time_b_s == pytest.approx(offset_s + moment_s * speed, abs=_STEP_S)
    rates = browser.execute_script(
        "return [...document.querySelectorAll('video')].map(v => v.playbackRate)"
    )
    assert rates == pytest.approx([1.0, speed])


def test_one_video_is_there_before_the_other(browser, write):
    _open(browser, write(line_alignment(1.0, 1, 3, 4)))
    _seek(browser, -0.5)
    assert _hidden_notes(browser) == ["A has not begun", ""]
    assert _times(browser)[1] == pytest.approx(0.5, abs=_STEP_S)
    _seek(browser, 2)
    assert _hidden_notes(browser) == ["", ""]


def test_reordered_footage_jumps_in_b(browser, write):
    swapped = (segment(0, 1.5, 2), segment(1.5, 3, 0.5))
    _open(browser, write(line_alignment(2, 1, 3, 4, segments=swapped)))
    assert _seek(browser, 1.0)[1] == pytest.approx(3.0, abs=_STEP_S)
    assert _seek(browser, 2.0)[1] == pytest.approx(1.0, abs=_STEP_S)


def test_a_pair_and_the_arrow_keys_seek(browser, write):
    _open(browser, write(line_alignment(0.5, 1, 3, 4)))
    pair = browser.find_elements(By.CSS_SELECTOR, ".pair")[3]
    browser.execute_script("arguments[0].click()", pair)
    start_s = float(pair.get_attribute("data-seek"))
    assert start_s == pytest.approx(3 * 0.7)
    assert _times(browser) == pytest.approx((start_s, start_s + 0.5), abs=_STEP_S)
    browser.find_element(By.ID, "slider").send_keys("\N{NULL}\ue014")  # right arrow
    assert _times(browser)[0] == pytest.approx(start_s + 1 / 30, abs=_STEP_S)


def test_both_play_in_step_and_stop(browser, write):
    _open(browser, write(line_alignment(0.2, 1.25, 3, 4)))
    _seek(browser, 0)
    sound = browser.find_element(By.ID, "sound")
    assert sound.text == "Sound: off"
    sound.click()
    assert sound.text == "Sound: A"
    muted = "return [...document.querySelectorAll('video')].map(v => v.muted)"
    assert browser.execute_script(muted) == [False, True]
    sound.click()
    play = browser.find_element(By.ID, "play")
    play.click()
    WebDriverWait(browser, 20).until(lambda _: _times(browser)[0] > 1.0)
    play.click()
    time_a_s, time_b_s = _times(browser)
    assert time_b_s == pytest.approx(0.2 + time_a_s * 1.25, abs=0.01)  # pausing lines them up
    paused = "return [...document.querySelectorAll('video')].every(v => v.paused)"
    assert browser.execute_script(paused)
    assert _complaints(browser) == []


_NASTY = "</script><script>document.title='broken'</script><img src=x onerror=alert(1)>"


def test_names_cannot_break_out(browser, write, tmp_path):
    name_a = _NASTY.replace("/", "\u2215") + "\"'&amp;.mp4"  # a file name has no slash
    path = write(line_alignment(0.7, 1, 3, 4), name_a, "b #1?%41: ü☕.mp4")
    _open(browser, path)
    assert _complaints(browser) == []
    assert browser.title.startswith("<∕script><script>")
    assert len(browser.find_elements(By.TAG_NAME, "script")) == 2  # ours
    assert _seek(browser, 1.0) == pytest.approx((1.0, 1.7), abs=_STEP_S)  # the URLs are right
    shown = json.loads(browser.find_element(By.ID, "json").get_attribute("textContent"))
    assert shown["a"].endswith(name_a)


def test_json_cannot_break_out(browser, tmp_path, write, make_ramp):
    """Folders can put a slash before `script`."""
    video = probe_video(make_ramp("a.mp4", 0.5))
    alignment = line_alignment(0, 1, 0.5, 0.5)
    evil = replace(video, path=tmp_path / "<" / "script><script>document.title='broken'<" / "x.mp4")
    evil.path.parent.mkdir(parents=True)
    shutil.copy(video.path, evil.path)
    pair = pair_of(alignment, evil, evil)
    write_report(tmp_path / "r.html", pair)
    _open(browser, tmp_path / "r.html")
    assert browser.title != "broken"
    assert len(browser.find_elements(By.TAG_NAME, "script")) == 2
    shown = json.loads(browser.find_element(By.ID, "json").get_attribute("textContent"))
    assert shown == alignment_document(pair)


def test_the_videos_may_move_with_the_page(browser, write, tmp_path):
    """A report in another folder finds the videos there, or beside itself."""
    path = write(line_alignment(0.7, 1, 3, 4))
    a, b = probe_video(tmp_path / "a.mp4"), probe_video(tmp_path / "b.mp4")
    alignment = line_alignment(0.7, 1, 3, 4)
    nested = tmp_path / "reports" / "one" / "report.html"
    write_report(nested, pair_of(alignment, a, b))
    _open(browser, nested)
    assert _complaints(browser) == []
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for file in (nested, a.path, b.path):
        shutil.move(file, moved)
    _open(browser, moved / "report.html")
    assert _seek(browser, 1.0) == pytest.approx((1.0, 1.7), abs=_STEP_S)
    assert not browser.find_element(By.ID, "missing").is_displayed()
    assert path.exists()


def test_missing_videos_are_said(browser, write, tmp_path):
    path = write(line_alignment(0.7, 1, 3, 4))
    (tmp_path / "b.mp4").unlink()
    browser.get(path.as_uri())
    note = browser.find_element(By.ID, "missing")
    WebDriverWait(browser, 20).until(lambda _: note.is_displayed())
    assert "b.mp4" in note.text


def test_no_match_is_plain(browser, write):
    _open(browser, write(line_alignment(0.7, 1, 3, 4, matched=False, confidence=0.01)))
    assert _complaints(browser) == []
    assert browser.find_element(By.TAG_NAME, "h1").text.startswith("a.mp4 and b.mp4 do not match")
    assert browser.find_element(By.CSS_SELECTOR, ".verdict").text == "No match"
    assert "best guess" in browser.find_element(By.TAG_NAME, "main").text


def test_both_names_alike(browser, write, tmp_path, make_ramp):
    """The same name in two folders: each video must stay itself."""
    paths = []
    for folder, duration_s in (("x", 3.0), ("y", 4.0)):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "clip.mp4")
        shutil.copy(make_ramp("ramp.mp4", duration_s), paths[-1])
    a, b = map(probe_video, paths)
    alignment = line_alignment(0.7, 1, 3, 4)
    write_report(tmp_path / "r.html", pair_of(alignment, a, b))
    _open(browser, tmp_path / "r.html")
    durations = browser.execute_script(
        "return [...document.querySelectorAll('video')].map(v => v.duration)"
    )
    assert durations == pytest.approx([3, 4], abs=0.1)
