"""From windows that look alike to lines through time that are worth a closer look.

Each window of a query votes for places in videos: its nearest windows. A vote counts by how far it
stands out among the window's nearest ones, so that a window that looks like everything (black, a
talking head) hardly votes. Votes of one video that lie on a line, at some speed, support it.
"""

from dataclasses import dataclass

import numpy as np

from videoalignment.index.records import Hits
from videoalignment.index.settings import SEARCH, STORED
from videoalignment.time_map import TimeMap


@dataclass(frozen=True)
class Proposal:
    """A line through time to place exactly."""

    video: int
    time_map: TimeMap
    """From the query to the video."""
    begin_query_s: float
    end_query_s: float
    """The stretch of the query whose windows support it."""
    support: float
    strength: float
    """By how much the windows of its stretch look more like the video than like anything else: in
    the mean over them, 0..1. It says how sure the line is (place.py)."""


def proposals(
    hits: Hits, begins_s: np.ndarray, unrelated: np.ndarray, count: int = SEARCH.candidates
) -> list[Proposal]:
    """The lines with the most support, over all videos, best first.

    Args:
        hits: the nearest windows of each window of the query.
        begins_s: when these begin, seconds, shape (windows,).
        unrelated: how similar they are to footage that is known to be unrelated, likewise; in a
            small index, windows that are near are no sign.
        count: how many lines.
    """
    last = _last(hits, len(begins_s))
    stands_out = hits.similarity - last[hits.query] + 1e-3  # all may be alike
    surely = (hits.similarity - np.maximum(last, unrelated)[hits.query]).clip(0)
    found: list[Proposal] = []
    for video in _most_voted(hits, stands_out):
        own = hits.video == video
        found += _lines(
            int(video),
            begins_s,
            hits.query[own],
            hits.window[own] * STORED.window_s,
            stands_out[own],
            surely[own],
        )
    return sorted(found, key=lambda line: -line.support)[:count]


def _last(hits: Hits, windows: int) -> np.ndarray:
    """How similar the last hit on each window's list is, shape (windows,)."""
    last = np.full(windows, np.inf, np.float32)
    np.minimum.at(last, hits.query, hits.similarity)
    return last


def _most_voted(hits: Hits, stands_out: np.ndarray) -> np.ndarray:
    """Videos by the sum, over the query's windows, of what stands out most there."""
    pairs, place = np.unique(np.stack([hits.video, hits.query]), axis=1, return_inverse=True)
    best = np.zeros(pairs.shape[1], np.float32)
    np.maximum.at(best, place.ravel(), stands_out)
    videos, place = np.unique(pairs[0], return_inverse=True)
    totals = np.bincount(place, best)
    order = np.argsort(-totals, kind="stable")[: SEARCH.videos_voted_on]
    most: np.ndarray = videos[order]
    return most


def _lines(
    video: int,
    begins_s: np.ndarray,
    query: np.ndarray,
    time_b_s: np.ndarray,
    votes: np.ndarray,
    surely: np.ndarray,
) -> list[Proposal]:
    """The lines of one video: what has supported one supports no other.

    Args:
        video: its number.
        begins_s: when the query's windows begin, shape (windows,).
        query: the number of the query's window of each vote, shape (n,).
        time_b_s: when the video's window begins, likewise.
        votes: how much each counts, likewise.
        surely: by how much each stands out from all else, likewise.
    """
    speeds = 2.0 ** np.array(SEARCH.log2_speeds)
    time_a_s = begins_s[query]
    left = votes.copy()
    lines: list[Proposal] = []
    windows, own = np.unique(query, return_inverse=True)
    for _ in range(SEARCH.lines_a_video):
        seeds = np.argsort(-left, kind="stable")[: SEARCH.seeds]
        offsets_s = (time_b_s[seeds, None] - speeds * time_a_s[seeds, None]).ravel()
        slopes = np.tile(speeds, len(seeds))
        off_s = np.abs(time_b_s - offsets_s[:, None] - slopes[:, None] * time_a_s)
        weights = left * (1 - off_s / SEARCH.near_s).clip(0)
        supports = np.zeros((len(slopes), len(windows)), np.float32)
        for vote in range(len(own)):
            np.maximum(supports[:, own[vote]], weights[:, vote], out=supports[:, own[vote]])
        totals = supports.sum(axis=1) * np.where(slopes == 1, 1.05, 1.0)
        best = int(np.argmax(totals))
        support = float(supports[best].sum())
        if support <= 0 or (lines and support < SEARCH.next_line * lines[0].support):
            break
        on_line = off_s[best] < SEARCH.near_s
        supporting = query[on_line & (left > 0)]
        first, last = int(supporting.min()), int(supporting.max())
        strengths = np.zeros(len(windows), np.float32)
        near = (1 - off_s[best] / SEARCH.near_s).clip(0)
        np.maximum.at(strengths, own, np.where(left > 0, surely * near, 0))
        lines.append(
            Proposal(
                video,
                TimeMap(float(offsets_s[best]), float(slopes[best])),
                float(begins_s[first]),
                float(begins_s[last]) + STORED.window_s,
                support,
                float(strengths.sum()) / (last + 1 - first),
            )
        )
        left = np.where(on_line, 0, left)
    return lines
