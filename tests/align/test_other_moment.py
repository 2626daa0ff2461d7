"""Pictures of one place at two moments, which refute that they meet where sounds say so."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from cameras import SIZE, aligned, camera, filed, pictures, typed
from moving import Scene, filmed
from takes_made_up import files_of, measured, take

from videoalignment.align.options import AlignOptions
from videoalignment.align.other_moment import show_another_moment
from videoalignment.align.pipeline import align_pictures
from videoalignment.align.refine import Fit
from videoalignment.align.shot import Shot
from videoalignment.align.timeline.solve import solve
from videoalignment.time_map import TimeMap

BEGIN_S = 4.25


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cameras")


@pytest.fixture(scope="module")
def reels(folder):
    return camera(folder / "a.mp4", BEGIN_S, 7, 25), camera(folder / "b.mp4", 0, 30, 30)


@pytest.mark.parametrize("elsewhere_s", [0.5, 13.0, 21.0])
def test_one_place_at_another_moment_is_told(reels, elsewhere_s):
    found = aligned(reels, elsewhere_s)
    assert found.refutes == TimeMap(elsewhere_s)
    assert found.inverse().refutes == TimeMap(elsewhere_s).inverse()


@pytest.mark.parametrize("off_s", [0.0, -0.2, 0.2])
def test_where_they_meet_nothing_is_refuted(reels, off_s):
    assert aligned(reels, BEGIN_S + off_s).refutes is None


def test_another_place_refutes_nothing(reels, folder):
    """It may be another side of what happens."""
    other = camera(folder / "c.mp4", 0, 30, 30, scene=1)
    assert aligned((reels[0], other), 13.0).refutes is None


def test_one_window_around_other_pictures_refutes_nothing(folder):
    """Two recordings of one call, whose windows have the same bars, show different people."""
    bars = np.random.default_rng(3).uniform(20, 230, (22, SIZE[1] // 4)).astype(np.float32)
    bars = cv2.resize(bars, (SIZE[1], 44), interpolation=cv2.INTER_NEAREST)
    films = [pictures(4.0, 7, 25), pictures(0, 30, 30, scene=1)]
    for picture in (picture for film in films for picture in film):
        picture[:22], picture[-22:] = bars[:22], bars[22:]
    a = filed(folder / "one.mp4", films[0], 25)
    b = filed(folder / "other.mp4", films[1], 30)
    assert lie_over_each_other(a, b)
    assert aligned((a, b), 4.0).refutes is None


def lie_over_each_other(a, b):
    """Whether there is something in both by which they can be laid over each other."""
    line = TimeMap(4.0)
    shot = Shot.along(Fit(line, 0.0, 0.0, 7.0), a, b)
    return shot is not None and shot.registered(line) is not None


def test_where_nothing_moves_no_moment_is_another(folder):
    still = [
        camera(folder / f"still {length_s}.mp4", begin_s, length_s, 25, things=0)
        for begin_s, length_s in ((4.0, 7), (1.0, 30))
    ]
    assert aligned(tuple(still), 13.0).refutes is None


@pytest.fixture(scope="module")
def pages(folder):
    """Two recordings of a page that is typed, and one of another page, which fills alike."""
    return [
        filed(folder / f"page {number}.mp4", typed(begin_s, length_s, fps, words=words), fps)
        for number, (begin_s, length_s, fps, words) in enumerate(
            [(3.0, 9, 25, 5), (0.0, 20, 30, 5), (0.0, 20, 30, 6)]
        )
    ]


def test_pages_that_fill_alike_are_told_apart_by_their_words(pages):
    one, same, other = pages
    assert not show_another_moment(one, same, TimeMap(3.0), 3.0)
    assert show_another_moment(one, other, TimeMap(3.0), 3.0)


def test_a_logo_and_tones_do_not_make_a_page_another_one(folder, pages):
    marked = []
    for frame in typed(0.0, 20, 30, words=5):
        frame = (30 + 0.7 * frame).astype(np.uint8)
        cv2.putText(frame, "ON AIR", (150, 40), cv2.FONT_HERSHEY_DUPLEX, 0.8, 255.0, 2)
        marked.append(frame)
    same = filed(folder / "marked.mp4", marked, 30)
    assert not show_another_moment(pages[0], same, TimeMap(3.0), 3.0)


def test_subtitles_of_two_languages_refute_nothing(folder):
    subtitled = [
        filed(folder / f"{words}.mp4", subtitles(frames, begin_s, fps, words), fps)
        for words, frames, begin_s, fps in (
            ("one", pictures(3.0, 9, 25), 3.0, 25),
            ("another", pictures(0.0, 20, 30), 0.0, 30),
        )
    ]
    assert not show_another_moment(*subtitled, TimeMap(3.0), 3.0)


def subtitles(frames, begin_s, fps, words):
    """Two lines below, other ones every two seconds."""
    written = []
    for number, frame in enumerate(frames):
        rng = np.random.default_rng([len(words), int((begin_s + number / fps) / 2)])
        picture = frame.clip(0, 255).astype(np.uint8)
        picture[140:175, 10:230] = 10
        for line in range(2):
            text = "".join(rng.choice(list("ABCDEFGHKLMNOPRSTUVWXZ"), 24))
            place = 14, 155 + 15 * line
            cv2.putText(picture, text, place, cv2.FONT_HERSHEY_PLAIN, 0.7, 240.0)
        written.append(picture)
    return written


def test_words_in_another_frame_refute_nothing(folder, pages):
    """What cannot be laid over each other may be two cameras' view of two screens."""
    other = filed(folder / "framed.mp4", typed(0.0, 20, 30, words=6, around=2), 30)
    assert not show_another_moment(pages[0], other, TimeMap(3.0), 3.0)


@pytest.mark.parametrize("words", ["the same", "others"])
def test_descriptors_that_are_sure_of_the_wrong_page_are_not_believed(pages, words):
    """They are of what is alike in both pages, and know the place to some hundredths of a second:
    so pictures are asked."""
    page = Scene(1)

    def slowly(times_s):
        return page(0.2 * np.asarray(times_s))

    a = filmed(lambda times_s: slowly(times_s + 3.0), 9, 25, noise=0.1)
    b = filmed(slowly, 20, 30, noise=0.1, seed=1)
    assert align_pictures(a, b, AlignOptions()).confidence > 0.9
    reels = pages[0], pages[1 if words == "the same" else 2]
    found = align_pictures(a, b, AlignOptions(), reels)
    assert found.matched == (words == "the same")
    assert (found.refutes is None) == found.matched


def loops(refuting):
    """Five takes with picture and sound; of the last, which begins when all others have ended, the
    sounds say that it lies 8 s earlier: the music comes again. Some pictures know better."""
    begins_s = 0.0, 2.0, 3.0, 4.0, 30.0
    made = [take(k, 0, begin_s, 24.0) for k, begin_s in enumerate(begins_s)]
    heard = [*made[:4], replace(made[4], begin_s=22.0 - 8.0)]
    pairs = [(a, b) for a in range(5) for b in range(a + 1, 5)]
    measurements = [measured(*pair, heard, "sound", sigma_s=1e-4) for pair in pairs]
    for pair in pairs:
        seen = measured(*pair, heard, "picture", sigma_s=1e-3)
        if pair[1] == 4:
            nowhere = replace(seen, time_map=TimeMap(-3.0), confidence=0.01)
            seen = replace(nowhere, refutes=seen.time_map if pair[0] < refuting else None)
        measurements.append(seen)
    return files_of(made), measurements


@pytest.mark.parametrize("turned", [False, True])
def test_sounds_place_nothing_where_pictures_show_another_moment(turned):
    files, measurements = loops(refuting=4)
    if turned:
        measurements = [m.inverse() for m in measurements]
    found = solve(files, measurements)
    (group,) = found.groups
    assert [file.file for file in group.files] == [file.file for file in files[:4]]
    assert [alone.file for alone in found.unplaced] == [files[4].file]
    assert {pair.by for pair in found.refuted} == {"sound"}
    assert len(found.refuted) == 4
    assert all(file.confidence > 0.9 for file in group.files)


def test_pictures_that_are_not_found_there_may_be_of_another_side():
    files, measurements = loops(refuting=0)
    (group,) = solve(files, measurements).groups
    assert len(group.files) == 5
    assert not group.conflicts


def test_that_some_sounds_are_refuted_says_nothing_about_others():
    """A file that hangs on one pair stays as sure as it was."""
    files, measurements = loops(refuting=4)
    made = take(5, 0, 20.0, 24.0)
    one = replace(measured(0, 1, [take(0, 0, 0.0, 24.0), made], "sound", sigma_s=1e-4), b=5)
    (group,) = solve([*files, *files_of([made])], [*measurements, one]).groups
    assert group.files[-1].file == made.recorded.file
