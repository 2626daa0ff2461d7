"""An index of videos: what it takes, and what it answers, whichever engine keeps it."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType

import numpy as np
import torch

from videoalignment.align.alignment import MATCHED_FROM
from videoalignment.errors import (
    FeatureMismatchError,
    OptionError,
    UnusableFileError,
    VideoAlignmentError,
)
from videoalignment.features.frame_features import FrameFeatures
from videoalignment.index.about import About
from videoalignment.index.describe import Description, describe, video_features
from videoalignment.index.engine import Engine, Size
from videoalignment.index.place import Cut, cut_around, likeness, place
from videoalignment.index.place_windows import place_by_windows, share_a_stretch
from videoalignment.index.records import Answer, Hits, IndexedVideo, Span, VideoEntry
from videoalignment.index.settings import SEARCH, STORED
from videoalignment.index.votes import Proposal, proposals
from videoalignment.index.window_track import Kept, WindowTrack
from videoalignment.media.inside import Inside


class VideoIndex:
    """Videos that can be searched for a clip.

    Args:
        engine: what keeps them.
        name: what messages call the index.

    Raises:
        VideoAlignmentError: what the engine holds was made by another version, or is damaged.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine, self.name = engine, name
        try:
            about = About.from_json(engine.about())
        except VideoAlignmentError as error:
            raise UnusableFileError(f"{name}: {error}") from None
        self.about, self.whitening, self.windows_only = about, about.whitening, about.windows_only

    def __enter__(self) -> "VideoIndex":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.engine.close()

    # ------------------------------------------------------------------ what is in it

    def features(
        self,
        path: str | os.PathLike[str],
        *,
        inside: Inside | None = None,
        device: str | torch.device = "auto",
    ) -> FrameFeatures:
        """The features of a file that the index compares, from the cache where they are there.

        Args:
            path: the video file.
            inside: the part of the picture that is described; all of it unless given.
            device: where to compute.

        Raises:
            VideoAlignmentError: the video cannot be read.
        """
        return video_features(path, self.whitening, inside=inside, device=device)

    def describe(self, features: FrameFeatures) -> Description:
        """What the index keeps of a video, or asks with.

        Raises:
            FeatureMismatchError: the features were made otherwise than those of the index.
        """
        return describe(features, self.whitening)

    def add(self, videos: Iterable[tuple[VideoEntry, Kept]], *, settle: bool = True) -> int:
        """Add videos, those that are there already left out, in one step.

        Args:
            videos: what to call them, and what is kept of them.
            settle: whether `settle` comes after it; once at the end is enough where much is added.

        Returns:
            How many were added.

        Raises:
            FeatureMismatchError: only windows of a video are given, and the index keeps more.
        """
        new: dict[int, tuple[VideoEntry, Kept]] = {}
        for entry, description in videos:
            new.setdefault(entry.number, (entry, description))
        there = self.engine.entries(new)
        added = [
            IndexedVideo(entry, self._moments(description), description.windows())
            for number, (entry, description) in new.items()
            if number not in there
        ]
        self.engine.add(added)
        if settle:
            self.settle()
        return len(added)

    def _moments(self, video: Kept) -> np.ndarray:
        """What is kept of a video's moments."""
        if self.windows_only:
            return np.zeros((0, STORED.width), np.int8)
        if isinstance(video, WindowTrack):
            raise FeatureMismatchError(f"only windows of a video are known; {self.name} keeps more")
        return video.moments

    def kept(self, entries: Sequence[VideoEntry]) -> list[Kept]:
        """What the index keeps of videos that are there."""
        spans = [whole_span(entry) for entry in entries]
        if self.windows_only:
            windows = self.engine.fetch_windows(spans)
            return [WindowTrack(w, e.duration_s) for w, e in zip(windows, entries, strict=True)]
        moments = self.engine.fetch(spans)
        return [Description(m, e.duration_s) for m, e in zip(moments, entries, strict=True)]

    def settle(self) -> None:
        """Make what was added fast to find; it is found before that too."""
        self.engine.settle()

    def remove(self, names: Sequence[str]) -> list[VideoEntry]:
        """Remove videos by their names, or by the digests of their contents.

        Raises:
            OptionError: there is no such video; nothing was removed.
        """
        wanted = set(names)
        gone = [e for e in self.engine.videos() if e.name in wanted or e.content in wanted]
        missing = wanted - {e.name for e in gone} - {e.content for e in gone}
        if missing:
            raise OptionError(
                f"`names`: no {min(missing)} in {self.name}; `videoalignment index info` lists "
                "what there is"
            )
        self.engine.remove([entry.number for entry in gone])
        return gone

    def videos(self) -> Iterator[VideoEntry]:
        """All videos, in any order."""
        return self.engine.videos()

    def entries_of(self, contents: Iterable[str]) -> list[VideoEntry]:
        """Those of the videos with these digests of contents that are there."""
        numbers = {VideoEntry("", content, 1.0).number for content in contents}
        return list(self.engine.entries(numbers).values())

    def size(self) -> Size:
        """How much there is."""
        return self.engine.size()

    def compact(self) -> None:
        """Make many small additions and removals as fast as one large addition."""
        self.engine.compact()

    # ------------------------------------------------------------------ searching

    def search(
        self,
        query: FrameFeatures | Kept,
        *,
        top: int = 10,
        min_confidence: float = MATCHED_FROM,
        without: VideoEntry | None = None,
    ) -> list[Answer]:
        """Find the stretches of a query that videos of the index show.

        Args:
            query: a clip's features, what `describe` made of them, or what an index keeps.
            top: how many answers at most.
            min_confidence: of the answers that are given.
            without: a video that is not looked at.

        Returns:
            The surest first.

        Raises:
            OptionError: an option has no such value.
            FeatureMismatchError: the features were made otherwise than those of the index.
        """
        if top < 1:
            raise OptionError(f"`top` {top}: must be 1 or more")
        if not 0 <= min_confidence <= 1:
            raise OptionError(f"`min_confidence` {min_confidence}: expected a number from 0 to 1")
        asked = self.describe(query) if isinstance(query, FrameFeatures) else query
        lines = self._proposed(asked, without)
        if self.windows_only or isinstance(asked, WindowTrack):
            answers = self._placed_by_windows(asked, lines)
        else:
            answers = self._placed(asked, lines)
        sure = [answer for answer in answers if answer.confidence >= min_confidence]
        return distinct(sure)[:top]

    def _proposed(self, asked: Kept, without: VideoEntry | None) -> list[Proposal]:
        hop = SEARCH.query_hop_moments
        room = max(0, asked.count - STORED.window_moments)
        count = min(room // hop + 1, SEARCH.most_query_windows)
        begins = np.linspace(0, room, count).astype(int)
        windows = asked.votes_at(begins)
        hits = self.engine.search(windows, SEARCH.neighbours)
        if without is not None:
            kept = hits.video != without.number
            hits = Hits(*(getattr(hits, name)[kept] for name in hits.__dataclass_fields__))
        unrelated = (windows @ self.whitening.unrelated_votes.T).max(axis=1)
        return proposals(hits, begins / STORED.rate_hz, unrelated)

    def _placed_by_windows(self, asked: Kept, lines: Sequence[Proposal]) -> list[Answer]:
        """Place proposals by the windows of both; those of all are fetched at once."""
        entries = self.engine.entries({line.video for line in lines})
        lines = [line for line in lines if line.video in entries]
        spans = [cut_around(line, asked, entries[line.video]).span for line in lines]
        fetched = self.engine.fetch_windows(spans)
        background = self.whitening.unrelated_votes
        answers = (
            answer
            for line, span, windows in zip(lines, spans, fetched, strict=True)
            for answer in place_by_windows(
                asked, line, entries[line.video], windows, span.first, background
            )
        )
        return distinct(answers, share_a_stretch)

    def _placed(self, asked: Description, lines: Sequence[Proposal]) -> list[Answer]:
        """Place proposals exactly; the moments of all are fetched at once."""
        entries = self.engine.entries({line.video for line in lines})
        lines = [line for line in lines if line.video in entries]
        cuts = [cut_around(line, asked, entries[line.video]) for line in lines]
        fetched = self.engine.fetch([cut.span for cut in cuts])
        looked_at = [
            (likeness(asked, cut, line.time_map, moments), line, cut, moments)
            for line, cut, moments in zip(lines, cuts, fetched, strict=True)
            if len(moments)
        ]
        answers: list[Answer] = []
        done: list[tuple[Proposal, Cut]] = []
        unsure = 0
        for _, line, cut, moments in sorted(looked_at, key=lambda look: -look[0]):
            if any(_is_among(line, cut, other, placed) for other, placed in done):
                continue
            done.append((line, cut))
            entry, background = entries[line.video], self.whitening.unrelated
            found = place(asked, cut, line.time_map, line.strength, entry, moments, background)
            answers += found
            sure = any(answer.confidence >= MATCHED_FROM for answer in found)
            unsure = 0 if sure else unsure + 1
            if unsure == SEARCH.patience:
                break
        return answers


def whole_span(entry: VideoEntry) -> Span:
    """All windows of a video."""
    return Span(entry.number, 0, int(np.ceil(entry.duration_s / STORED.window_s)))


def _is_among(line: Proposal, cut: Cut, other: Proposal, placed: Cut) -> bool:
    """Whether what a line would be placed in was looked at for another one, which is near."""
    if line.video != other.video or not (
        placed.begin_a <= cut.begin_a + STORED.window_moments
        and cut.end_a <= placed.end_a + STORED.window_moments
    ):
        return False
    middle_s = (line.begin_query_s + line.end_query_s) / 2
    return line.time_map.apart_s(other.time_map, middle_s) < SEARCH.margin_video_s


def _covers(one: Answer, other: Answer) -> bool:
    """Whether an answer says what another says: much the same stretches of both."""
    if one.entry.content != other.entry.content:
        return False
    a, b = one.segment, other.segment
    shared = min(a.end_a_s, b.end_a_s) - max(a.begin_a_s, b.begin_a_s)
    shared_b = min(a.end_b_s, b.end_b_s) - max(a.begin_b_s, b.begin_b_s)
    half_s = 0.5 * (b.end_a_s - b.begin_a_s)
    return shared > half_s and shared_b > half_s * b.speed


def distinct(
    answers: Iterable[Answer], covers: Callable[[Answer, Answer], bool] = _covers
) -> list[Answer]:
    """Answers, the surest first, without those that a surer one covers.

    Args:
        answers: in any order.
        covers: whether one answer makes another one needless; else, whether both say that much the
            same stretches of the query and of a video meet.
    """
    kept: list[Answer] = []
    for answer in sorted(answers, key=lambda a: (-a.confidence, -a.segment.score)):
        if not any(covers(other, answer) for other in kept):
            kept.append(answer)
    return kept
