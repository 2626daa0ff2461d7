"""What an index is made with, once and for all: the text that its engine keeps for it."""

import json
from dataclasses import dataclass

from videoalignment.index.whitening import Whitening

_WINDOWS_ONLY = "windows_only"


@dataclass(frozen=True)
class About:
    """The whitening, and whether moments are kept."""

    whitening: Whitening
    windows_only: bool = False
    """Whether nothing but windows is kept of a video: less to store, and less exact."""

    def to_json(self) -> str:
        """As text: the whitening's, with one entry more."""
        content = json.loads(self.whitening.to_json())
        return json.dumps({**content, _WINDOWS_ONLY: self.windows_only})

    @classmethod
    def from_json(cls, text: str) -> "About":
        """What `to_json` wrote; where nothing is said about it, moments are kept.

        Raises:
            VideoAlignmentError: see `Whitening.from_json`.
        """
        whitening = Whitening.from_json(text)
        return cls(whitening, json.loads(text).get(_WINDOWS_ONLY) is True)
