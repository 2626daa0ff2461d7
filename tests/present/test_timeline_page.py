"""The page of a timeline, in a real browser."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from placed import group_of, left_over, placed, timeline_of
from ramps import run_ffmpeg

from videoalignment.align.alignment import Segment
from videoalignment.align.timeline.records import Refuted, Timeline
from videoalignment.media.frame_times import frame_times
from videoalignment.present.timeline_page import write_timeline_page
from videoalignment.time_map import TimeMap

pytest.importorskip("selenium")
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

# A seek goes a millisecond into the frame.
_STEP_S = 0.005
_MOST_LIVE = 12
_NASTY = "<∕script><script>document.title='broken'<∕script><img src=x onerror=alert(1)>\"'&.mp4"

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module")
def footage(make_ramp) -> tuple[Path, Path, Path]:
    """A camera with sound of 4 s, one without of 3 s, and a recorder of 5 s."""
    key_frames = ("-g", "15", "-movflags", "+faststart")
    heard = make_ramp("heard.mp4", 4.0, sound=True, extra=key_frames)
    silent = make_ramp("silent.mp4", 3.0, fps="25", extra=key_frames)
    recorder = heard.with_name("recorder.wav")
    run_ffmpeg("-f", "lavfi", "-i", "sine=d=5", recorder)
    return heard, silent, recorder


@pytest.fixture
def three(tmp_path, footage) -> Timeline:
    """A recorder, then two cameras; the last has a fast clock, is weak, and contradicts."""
    heard, silent, recorder = (_linked(path, tmp_path / path.name) for path in footage)
    group = group_of(
        placed(recorder, 0.0, 5.0, picture=False),
        placed(heard, 0.75, 4.0, sound_lag_s=0.08),
        placed(silent, 1.25, 3.0, rate=1.02, sound=False, weak=True),
        conflicts=((0, 2),),
    )
    return timeline_of(group, unplaced=(left_over(tmp_path / "loner.mov", heard),))


def _linked(path: Path, name: Path) -> Path:
    os.link(path, name)
    return name


def _open(browser, path: Path) -> None:
    _complaints(browser)  # those of the page before are its own
    browser.get(path.as_uri())
    _settle(browser)


def _settle(browser) -> None:
    ready = (
        "const media = [...document.querySelectorAll('video, audio')];"
        "return media.length && media.every(m => m.readyState >= 2 && !m.seeking &&"
        " m.classList.contains('ready'))"
    )
    WebDriverWait(browser, 20).until(lambda driver: driver.execute_script(ready))


def _seek(browser, moment_s: float) -> dict[str, float]:
    """Move the first slider; returns where each loaded recording comes to rest."""
    browser.execute_script(
        "const slider = document.querySelector('.slider');"
        "slider.value = arguments[0]; slider.dispatchEvent(new Event('input'))",
        moment_s,
    )
    _settle(browser)
    return _of_media(browser, "currentTime")


def _of_media(browser, what: str) -> dict[str, object]:
    return browser.execute_script(
        "return Object.fromEntries([...document.querySelectorAll('video, audio')].map(m =>"
        f" [m.closest('.tile').querySelector('.file').textContent, m.{what}]))"
    )


def _complaints(browser) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser")]


def _tile(browser, name: str):
    tiles = browser.find_elements(By.CSS_SELECTOR, ".tile")
    return next(tile for tile in tiles if name in tile.text)


def test_the_page_is_whole(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    _open(browser, tmp_path / "t.html")
    assert _complaints(browser) == []
    assert browser.title == "3 of 4 recordings placed on one timeline"
    text = browser.find_element(By.TAG_NAME, "main").text
    for told in (
        *("weak", "conflict", "sound 80 ms late", "12.480 s from where 5 other pairs put it"),
        *("loner.mov", "shares nothing with another file"),
        "perhaps begins 0:01.500 after heard.mp4 does, confidence 0.12",
        "recorder.wav and silent.mp4, by picture and sound: 12.480 s from",
    ):
        assert told in text
    pictures = browser.execute_script(
        "return [...document.querySelectorAll('.pictures img')]"
        ".map(i => [i.complete, i.naturalWidth])"
    )
    assert len(pictures) == 11 + 9  # 4 and 3.06 s of 5, of which 14 would be the whole
    assert all(complete and width > 0 for complete, width in pictures)
    fetched = browser.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert all(url.startswith(("data:", "file:")) for url in fetched)


@pytest.mark.parametrize("name", ["later.mkv", "later.mp4"])
def test_time_stamps_need_not_begin_at_0(browser, tmp_path, footage, name):
    """The frame that is shown is the one of that moment, by the time stamp that it has."""
    later = tmp_path / name
    run_ffmpeg("-i", footage[0], "-c", "copy", "-output_ts_offset", "1.4", later)
    recorder = _linked(footage[2], tmp_path / "recorder.wav")
    files = placed(recorder, 0.0, 5.0, picture=False), placed(later, 0.75, 4.0)
    write_timeline_page(tmp_path / "t.html", timeline_of(group_of(*files)))
    _open(browser, tmp_path / "t.html")
    browser.execute_script(
        "const video = document.querySelector('video');"
        "const note = (now, frame) =>"
        " { window.shown = frame.mediaTime; video.requestVideoFrameCallback(note) };"
        "video.requestVideoFrameCallback(note)"
    )
    stamps_s = frame_times(later).stamps_us / 1e6
    assert stamps_s[0] > 1.3
    for frame in (75, 30):
        _seek(browser, 0.75 + (stamps_s[frame] - stamps_s[0]) + 0.01)
        WebDriverWait(browser, 10).until(
            lambda driver, wanted_s=stamps_s[frame]: (
                abs(driver.execute_script("return window.shown ?? -1") - wanted_s) < 0.002
            )
        )


def test_lanes_lie_where_the_files_do(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    _open(browser, tmp_path / "t.html")
    boxes = browser.execute_script(
        "return [...document.querySelectorAll('.block')].map(block => {"
        " const box = block.getBoundingClientRect();"
        " const rail = block.parentNode.getBoundingClientRect();"
        " return [(box.left - rail.left) / rail.width, box.width / rail.width] })"
    )
    assert np.array(boxes) == pytest.approx(
        np.array([[0, 1], [0.75 / 5, 4 / 5], [1.25 / 5, 3.06 / 5]]), abs=0.002
    )


def test_the_slider_moves_all(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    _open(browser, tmp_path / "t.html")
    times_s = _seek(browser, 2.5)
    wanted_s = {"recorder.wav": 2.5, "heard.mp4": 1.75, "silent.mp4": 1.25 / 1.02}
    assert times_s == pytest.approx(wanted_s, abs=_STEP_S)
    _seek(browser, 0.5)
    notes = [note.text for note in browser.find_elements(By.CSS_SELECTOR, ".away")]
    assert notes == ["", "begins in 0.3 s", "begins in 0.8 s"]
    _seek(browser, 0.72)
    assert browser.find_elements(By.CSS_SELECTOR, ".away")[1].text == "begins in 0.1 s"
    _seek(browser, 0.75)
    assert not browser.find_elements(By.CSS_SELECTOR, ".away")[1].is_displayed()


def test_a_click_on_a_lane_seeks(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    _open(browser, tmp_path / "t.html")
    rail = browser.find_element(By.CSS_SELECTOR, ".rail")
    ActionChains(browser).move_to_element_with_offset(rail, 0, 0).click().perform()
    _settle(browser)
    assert _of_media(browser, "currentTime")["recorder.wav"] == pytest.approx(2.5, abs=0.02)


def test_keys_move_play_and_silence(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    _open(browser, tmp_path / "t.html")
    _seek(browser, 2.0)
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.ARROW_RIGHT)
    _settle(browser)
    frame_s = 1 / 30  # of the fastest
    now_s = _of_media(browser, "currentTime")["recorder.wav"]
    assert now_s == pytest.approx(2.0 + frame_s, abs=_STEP_S)
    body.send_keys(Keys.SHIFT, Keys.ARROW_LEFT)
    _settle(browser)
    now_s = _of_media(browser, "currentTime")["recorder.wav"]
    assert now_s == pytest.approx(1.0 + frame_s, abs=_STEP_S)
    play = browser.find_element(By.CSS_SELECTOR, ".play")
    body.send_keys(" ")
    assert play.text == "Pause"
    body.send_keys(" ")
    assert play.text == "Play"
    name = browser.find_elements(By.CSS_SELECTOR, ".name")[1]
    name.send_keys(Keys.ENTER)
    assert browser.find_element(By.CSS_SELECTOR, ".heard").text == "♪ heard.mp4"
    body.send_keys("m")
    assert browser.find_element(By.CSS_SELECTOR, ".heard").text == "muted"


def test_space_plays_after_a_click_on_a_camera(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    _open(browser, tmp_path / "t.html")
    _seek(browser, 2.0)
    _tile(browser, "heard.mp4").click()
    ActionChains(browser).send_keys(" ").perform()
    assert browser.find_element(By.CSS_SELECTOR, ".play").text == "Pause"
    assert browser.find_element(By.CSS_SELECTOR, ".heard").text == "♪ heard.mp4"


def test_one_is_heard_at_a_time(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    _open(browser, tmp_path / "t.html")
    _seek(browser, 2.0)
    assert all(_of_media(browser, "muted").values())
    for name in ("heard.mp4", "recorder.wav"):
        _tile(browser, name).click()
        heard = [each for each, muted in _of_media(browser, "muted").items() if not muted]
        assert heard == [name]
    _tile(browser, "silent.mp4").click()  # has no sound: what is heard goes on
    assert not _of_media(browser, "muted")["recorder.wav"]
    _tile(browser, "recorder.wav").click()
    assert all(_of_media(browser, "muted").values())


def test_all_play_in_step_and_stop(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    _open(browser, tmp_path / "t.html")
    _seek(browser, 1.3)
    play = browser.find_element(By.CSS_SELECTOR, ".play")
    play.click()
    WebDriverWait(browser, 20).until(
        lambda _: _of_media(browser, "currentTime")["recorder.wav"] > 2.5
    )
    rates = _of_media(browser, "playbackRate")
    assert rates["silent.mp4"] == pytest.approx(1 / 1.02, abs=0.051)  # and what catches up
    play.click()
    _settle(browser)
    times_s = _of_media(browser, "currentTime")  # pausing lines them up
    assert times_s["heard.mp4"] == pytest.approx(times_s["recorder.wav"] - 0.75, abs=0.01)
    own_s = (times_s["recorder.wav"] - 1.25) / 1.02
    assert times_s["silent.mp4"] == pytest.approx(own_s, abs=0.01)
    assert all(_of_media(browser, "paused").values())
    assert _complaints(browser) == []


def test_thirty_files_load_a_few(browser, tmp_path, footage):
    files = [
        placed(_linked(footage[0], tmp_path / f"camera {number}.mp4"), number / 100, 4.0)
        for number in range(30)
    ]
    write_timeline_page(tmp_path / "t.html", timeline_of(group_of(*files)))
    browser.set_window_size(1400, 1400)  # all are in sight
    _open(browser, tmp_path / "t.html")
    _seek(browser, 2.0)
    loaded = _of_media(browser, "currentTime")
    assert len(loaded) <= _MOST_LIVE
    assert len(browser.find_elements(By.CSS_SELECTOR, ".tile .still[src]")) == 30
    assert "show stills" in browser.find_element(By.CSS_SELECTOR, ".live").text
    last = _tile(browser, "camera 29.mp4")
    assert "camera 29.mp4" not in loaded
    browser.execute_script(
        "arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", last
    )
    _settle(browser)
    loaded = _of_media(browser, "currentTime")
    assert loaded["camera 29.mp4"] == pytest.approx(2.0 - 0.29, abs=_STEP_S)
    assert len(loaded) <= _MOST_LIVE


def test_groups_play_one_at_a_time(browser, tmp_path, three):
    group = three.groups[0]
    files = tuple(replace(file, weak=False) for file in group.files)
    write_timeline_page(tmp_path / "t.html", timeline_of(group, group_of(*files)))
    _open(browser, tmp_path / "t.html")
    first, second = browser.find_elements(By.CSS_SELECTOR, ".play")
    first.click()
    assert first.text == "Pause"
    browser.execute_script("arguments[0].click()", second)
    assert (first.text, second.text) == ("Play", "Pause")


def test_names_cannot_break_out(browser, tmp_path, footage):
    odd = _linked(footage[0], tmp_path / _NASTY)
    plain = _linked(footage[1], tmp_path / "b #1?%41: ü☕.mp4")
    group = group_of(placed(odd, 0.0, 4.0), placed(plain, 0.5, 3.0, sound=False))
    write_timeline_page(tmp_path / "t.html", timeline_of(group))
    _open(browser, tmp_path / "t.html")
    assert _complaints(browser) == []
    assert len(browser.find_elements(By.TAG_NAME, "script")) == 2  # ours
    assert browser.title == "2 of 2 recordings placed on one timeline"
    assert _seek(browser, 1.0) == pytest.approx({_NASTY: 1.0, plain.name: 0.5}, abs=_STEP_S)


def test_folders_tell_cameras_that_count_alike_apart(browser, tmp_path, footage):
    files = []
    for camera in ("left", "right"):
        (tmp_path / camera).mkdir()
        files.append(_linked(footage[0], tmp_path / camera / "C0001.mp4"))
    group = group_of(placed(files[0], 0.0, 4.0), placed(files[1], 0.5, 4.0))
    write_timeline_page(tmp_path / "t.html", timeline_of(group))
    browser.get((tmp_path / "t.html").as_uri())
    names = [name.text for name in browser.find_elements(By.CSS_SELECTOR, ".name .file")]
    assert names == ["left/C0001.mp4", "right/C0001.mp4"]


def test_the_labels_of_the_axis_lie_inside_it(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    spans_px = (
        "return [...document.querySelectorAll('.axis span')].map(each =>"
        " [each.offsetLeft, each.offsetLeft + each.offsetWidth])"
    )
    for width in (360, 1500):
        size = {"width": width, "height": 740, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        try:
            browser.get((tmp_path / "t.html").as_uri())
            WebDriverWait(browser, 20).until(lambda driver: driver.execute_script(spans_px))
            ends_px = np.array(browser.execute_script(spans_px))
            axis_px = browser.execute_script("return document.querySelector('.axis').clientWidth")
            assert ends_px.max() <= axis_px
            assert (ends_px[1:, 0] >= ends_px[:-1, 1]).all()  # none lies on the next
        finally:
            browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_nothing_is_wider_than_a_phone(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    phone = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        browser.get((tmp_path / "t.html").as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth") == 360
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_missing_recordings_are_said(browser, tmp_path, three):
    write_timeline_page(tmp_path / "t.html", three)
    (tmp_path / "heard.mp4").unlink()
    browser.get((tmp_path / "t.html").as_uri())
    note = browser.find_element(By.CSS_SELECTOR, ".missing")
    WebDriverWait(browser, 20).until(lambda _: note.is_displayed())
    assert "heard.mp4" in note.text


def test_pairs_that_were_not_believed_are_told(browser, tmp_path, three):
    reason = "would put 6 pairs of files over each other that share nothing"
    pair = Refuted(Path("x/one.mp4"), Path("x/two.mp4"), TimeMap(1.0), "sound", 0.7, reason)
    write_timeline_page(tmp_path / "t.html", replace(three, refuted=(pair,)))
    browser.get((tmp_path / "t.html").as_uri())
    assert browser.find_element(By.CSS_SELECTOR, "#refuted li").text == (
        f"one.mp4 and two.mp4, by sound: {reason}"
    )


def test_what_was_cut_is_told(browser, tmp_path, three):
    (group,) = three.groups
    elsewhere = (Segment(TimeMap(-0.5), 1.0, 2.0, 0.9),)
    pairs = (replace(group.pairs[0], elsewhere=elsewhere), *group.pairs[1:])
    cut = replace(three, groups=(replace(group, pairs=pairs),))
    write_timeline_page(tmp_path / "t.html", cut)
    browser.get((tmp_path / "t.html").as_uri())
    one, other = (group.files[place].file.name for place in (pairs[0].a, pairs[0].b))
    told = browser.find_element(By.CSS_SELECTOR, ".cut li").text
    assert told == f"Of {one} 0:01.000 – 0:02.000 is at 0:00.500 of {other}"


def test_nothing_placed_is_a_page_too(browser, tmp_path):
    unplaced = left_over(tmp_path / "a.mp4", tmp_path / "b.mp4")
    write_timeline_page(tmp_path / "t.html", Timeline((), (unplaced,)))
    browser.get((tmp_path / "t.html").as_uri())
    assert browser.title == "0 of 1 recordings placed"
    assert (
        "perhaps begins 0:01.500 after b.mp4 does" in browser.find_element(By.ID, "unplaced").text
    )


# ------------------------------------------------------------------ what is drawn


def test_a_short_lane_shows_a_picture_of_each_of_its_parts(browser, tmp_path, footage):
    """Stills are cut once, for the longest lane there may be; of these some are chosen."""
    heard, silent, _ = footage
    files = placed(heard, 0.0, 4.0), placed(silent, 6.0, 3.0, sound=False)
    write_timeline_page(tmp_path / "t.html", timeline_of(group_of(*files)))
    browser.get((tmp_path / "t.html").as_uri())
    shown = browser.execute_script(
        "const canvas = document.createElement('canvas').getContext('2d');"
        "return [...document.querySelectorAll('.pictures')].map(lane =>"
        " [...lane.querySelectorAll('img')].map(i => { canvas.drawImage(i, 0, 0);"
        " return canvas.getImageData(8, 8, 1, 1).data[0] }))"
    )
    for greys, length_s in zip(shown, (4.0, 3.0), strict=True):
        moments_s = (16 + np.array(greys) * 219 / 255 - 24) / 48
        parts = np.arange(len(greys) + 1) / len(greys) * length_s
        assert len(greys) < 14
        assert (parts[:-1] - 0.06 < moments_s).all() and (moments_s < parts[1:] + 0.06).all()
