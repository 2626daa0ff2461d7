"""The report: one HTML file with all that a person needs to believe an alignment, or not to.

Nothing in it is fetched from elsewhere. Only the two videos stay files of their own: they play
while they lie where they lay when the report was written, or in the report's folder.
"""

import math
import os
from dataclasses import dataclass
from pathlib import Path

from videoalignment.align.pair import AlignedPair, Recording
from videoalignment.align.pieces import pieces_of_b
from videoalignment.media.probe import VideoInfo
from videoalignment.present.charts import score_chart, similarity_chart
from videoalignment.present.document import alignment_document, as_json
from videoalignment.present.frame_pairs import FramePair, frame_pairs
from videoalignment.present.pages import data_url, media_urls, write_page
from videoalignment.present.wording import (
    clock,
    facts,
    names_of,
    place_in_words,
    segment_rows,
    sentence,
    speed_words,
)


@dataclass(frozen=True)
class _Side:
    """One of the two videos, as the page shows it."""

    letter: str
    name: str
    what: str
    sources: list[str]
    """Relative URLs to try, in this order."""


def write_report(path: str | os.PathLike, pair: AlignedPair) -> None:
    """Write the report.

    Args:
        path: the HTML file to write.
        pair: what was aligned.

    Raises:
        VideoAlignmentError: of one of the two only the features are at hand, or the file cannot be
            written.
    """
    a, b = pair.videos
    alignment = pair.alignment
    name_a, name_b = names_of(pair.a.path, pair.b.path)
    folder = Path(path).resolve().parent
    write_page(
        path,
        "report",
        title=sentence(alignment, name_a, name_b),
        explanation=place_in_words(alignment),
        matched=alignment.matched,
        by_sound=alignment.by == "sound",
        sides=[
            _Side("A", name_a, _described(pair.a, a), media_urls(a.path, folder)),
            _Side("B", name_b, _described(pair.b, b), media_urls(b.path, folder)),
        ],
        facts=facts(alignment),
        segments=segment_rows(alignment),
        pairs=[_shown(frames) for frames in frame_pairs(pair)],
        speed=speed_words(alignment.speed),
        scores=score_chart(alignment, pair.evidence),
        similarity=similarity_chart(alignment, pair.evidence),
        player=_player(pair),
        json=as_json(alignment_document(pair)),
    )


def _described(recording: Recording, video: VideoInfo) -> str:
    """One line on a video, e.g. `18.80 s · 480 × 720 · 29.97 frames a second · no sound`."""
    words = [
        f"{recording.duration_s:.2f} s",
        f"{video.width} × {video.height}",
        f"{video.fps:.4g} frames a second",
    ]
    if not video.has_audio:
        words.append("no sound")
    elif recording.sound and recording.sound.track:
        words.append(f"heard on sound track {recording.sound.track + 1}")
    return " · ".join(words)


def _shown(frames: FramePair) -> dict[str, object]:
    """A pair of frames as the page shows it."""
    return {
        "time_a_s": frames.time_a_s,
        "time_a": clock(frames.time_a_s),
        "time_b": clock(frames.time_b_s),
        "url_a": data_url(frames.jpeg_a, "image/jpeg"),
        "url_b": data_url(frames.jpeg_b, "image/jpeg"),
    }


def _player(pair: AlignedPair) -> dict[str, object]:
    """What the page's script needs to play the two in step, in seconds of A's clock."""
    a, b = pair.videos
    alignment = pair.alignment
    pieces = pieces_of_b(alignment)
    return {
        # to whole milliseconds, the steps of the slider, so that it can stand at 0
        "begin": math.floor(min(0.0, pieces[0].begin_a_s) * 1000) / 1000,
        "end": math.ceil(max(alignment.duration_a_s, pieces[-1].end_a_s) * 1000) / 1000,
        "start": max(0.0, pieces[0].begin_a_s),
        "frame": 1 / a.fps,
        "a": {"duration": alignment.duration_a_s, "first": a.first_frame_s, "sound": a.has_audio},
        "b": {"duration": alignment.duration_b_s, "first": b.first_frame_s, "sound": b.has_audio},
        "pieces": [
            {
                "begin_a_s": piece.begin_a_s,
                "end_a_s": piece.end_a_s,
                "begin_b_s": piece.begin_b_s,
                "speed": piece.time_map.speed,
            }
            for piece in pieces
        ],
    }
