"""Whether the page of a timeline shows what it says, in a real Chromium.

Makes recordings whose pictures tell their moments (benchmarks/hard_recordings.py), places them,
writes the page, and opens it: at moments all along the slider, while it plays and after, which
moment does each video show? What the browser complains of is printed, and OUT gets a picture of
each page to look at. Needs Debian's chromium and chromium-driver.

example: python -m benchmarks.sync_page OUT --files 3 30
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

import videoalignment
from benchmarks.hard_recordings import Recorder, moments_of, write_recordings
from videoalignment.align.timeline.records import Group

_CHROMIUM, _CHROMEDRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--allow-file-access-from-files", "--autoplay-policy=no-user-gesture-required"),
)
_SIZE = 192, 128
_MOMENTS = 8
_PLAYS_S = 3.0
_RATES = ("24000/1001", "25", "30000/1001", "30", "50", "60000/1001", "60")
_SETTLED = (
    "const media = [...document.querySelectorAll('video, audio')];"
    "return media.length && media.every(m => m.readyState >= 2 && !m.seeking &&"
    " m.classList.contains('ready'))"
)
_SEEK = (
    "const slider = document.querySelector('.slider');"
    "slider.value = arguments[0]; slider.dispatchEvent(new Event('input'))"
)
_SHOWN = (
    "const [width, height] = arguments, canvas = document.createElement('canvas');"
    "Object.assign(canvas, {width, height});"
    "const pen = canvas.getContext('2d', {willReadFrequently: true});"
    "return [...document.querySelectorAll(arguments[2])].map(shown => {"
    " pen.drawImage(shown, 0, 0, width, height);"
    " const pixels = pen.getImageData(0, 0, width, height).data;"
    " const at = shown.closest('.tile, .lane').querySelector('.file').textContent;"
    " return [at, [...pixels].filter((_, i) => i % 4 == 0)] })"
)


def recorders(count: int) -> list[Recorder]:
    """Cameras, and one sound recorder among six."""
    rng = np.random.default_rng(count)
    made = []
    for number in range(count):
        begin_s, length_s = rng.uniform(0, 8), rng.uniform(18, 35)
        one = Recorder(f"camera {number}.mp4", begin_s, length_s, str(rng.choice(_RATES)))
        if number % 6 == 2:
            one = replace(one, name=f"recorder {number}.m4a", fps="")
        made.append(one)
    return made


def late_s(group: Group, made: dict[str, Recorder]) -> float:
    """How much later the group's clock begins than the event's."""
    return float(
        np.median(
            [
                made[file.file.name].time_map.to_b(at_s) - file.time_map.to_b(at_s)
                for file in group.files
                for at_s in [file.duration_s / 2]
            ]
        )
    )


def shown(browser: webdriver.Chrome, what: str) -> list[tuple[str, float]]:
    """The files that a part of the page shows, and the moments that their pictures tell."""
    read = browser.execute_script(_SHOWN, *_SIZE, what)
    return [
        (name, float(moments_of(np.array(pixels).reshape(1, _SIZE[1], _SIZE[0]))[0]))
        for name, pixels in read
    ]


def settle(browser: webdriver.Chrome) -> None:
    """Wait until all that is loaded stands at its moment."""
    WebDriverWait(browser, 60).until(lambda driver: driver.execute_script(_SETTLED))


def print_page(browser: webdriver.Chrome, out: Path, count: int) -> None:
    """Make, place, open and look at one page."""
    made = {one.name: one for one in recorders(count)}
    folder = out / f"{count} files"
    write_recordings(folder, list(made.values()))
    timeline = videoalignment.sync([folder])
    (group,) = timeline.groups
    page = out / f"page-{count}.html"
    videoalignment.write_timeline_page(page, timeline)
    browser.get(page.resolve().as_uri())
    settle(browser)
    begins_s = late_s(group, made)
    print(f"\n{count} files, {len(group.files)} placed, page of {page.stat().st_size / 1e6:.1f} MB")
    _print_seeks(browser, group, made, begins_s)
    _print_play(browser, made)
    _print_stills(browser, group, made)
    for entry in browser.get_log("browser"):
        print(f"the browser says: {entry['message']}")
    browser.save_screenshot(str(out / f"page-{count}.png"))


def _print_seeks(
    browser: webdriver.Chrome, group: Group, made: dict[str, Recorder], begins_s: float
) -> None:
    """How far what is shown lies from where the slider stands."""
    off, live, unread = [], [], 0
    places = {file.file.name: file for file in group.files}
    for moment_s in np.linspace(0.05, 0.95, _MOMENTS) * group.end_s:
        browser.execute_script(_SEEK, float(moment_s))
        settle(browser)
        time.sleep(0.3)  # a frame that was decoded is painted
        seen = shown(browser, "video")
        live.append(len(seen))
        for name, told_s in seen:
            file = places[name]
            if not file.begin_s <= moment_s <= file.end_s - made[name].frame_s:
                continue
            unread += np.isnan(told_s)
            # a frame is shown from its moment on until the next one's
            off.append((told_s - begins_s - moment_s) / made[name].frame_s)
    frames = np.array(off)
    print(
        f"at {_MOMENTS} moments {min(live)} to {max(live)} videos live; of {len(off)} frames "
        f"{unread} unread, from {np.nanmin(frames):+.2f} to {np.nanmax(frames):+.2f} of a frame"
    )


def _print_play(browser: webdriver.Chrome, made: dict[str, Recorder]) -> None:
    """How far apart what plays lies, and what is paused then."""
    middle_s = float(browser.execute_script("return document.querySelector('.slider').max")) / 2
    browser.execute_script(_SEEK, middle_s)
    settle(browser)
    browser.execute_script("document.querySelector('.play').click()")
    time.sleep(_PLAYS_S)
    playing = shown(browser, "video")
    browser.execute_script("document.querySelector('.play').click()")
    settle(browser)
    time.sleep(0.3)
    for title, seen in (("while it plays", playing), ("paused", shown(browser, "video"))):
        # the middle of what a frame stands for
        told_s = np.array([told + made[name].frame_s / 2 for name, told in seen])
        apart_ms = 1e3 * np.nanmax(np.abs(told_s - np.nanmedian(told_s)))
        print(f"{title}: {len(seen)} videos, at most {apart_ms:.0f} ms from their median")


def _print_stills(browser: webdriver.Chrome, group: Group, made: dict[str, Recorder]) -> None:
    """Whether each picture in a lane is of the part of the video that it stands for."""
    seen: dict[str, list[float]] = {}
    for name, told_s in shown(browser, ".pictures img"):
        seen.setdefault(name, []).append(told_s)
    right = total = unread = 0
    for file in group.files:
        told_s = np.array(seen.get(file.file.name, []))
        own_s = (told_s - made[file.file.name].begin_s) / made[file.file.name].rate
        parts_s = np.arange(len(told_s) + 1) / max(1, len(told_s)) * file.duration_s
        frame_s = made[file.file.name].frame_s if file.has_picture else 0.0
        inside = (parts_s[:-1] - frame_s <= own_s) & (own_s <= parts_s[1:] + frame_s)
        right, total = right + int(inside.sum()), total + len(told_s)
        unread += int(np.isnan(told_s).sum())
    print(f"lanes: {right} of {total} pictures are of their part, {unread} unread")


def main() -> None:
    """Open one page after the other."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--files", type=int, nargs="+", default=[3, 30], help="of each page")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    options = webdriver.ChromeOptions()
    options.binary_location = _CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*_FLAGS, f"--user-data-dir={profile}", "--window-size=1500,1600"):
            options.add_argument(flag)
        service = webdriver.ChromeService(_CHROMEDRIVER)
        with webdriver.Chrome(options=options, service=service) as browser:
            for count in given.files:
                print_page(browser, given.out, count)


if __name__ == "__main__":
    main()
