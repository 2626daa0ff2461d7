"""A part of a picture that is looked at by itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Inside:
    """A part of a picture, its sides as shares of the picture's, from the left and from the top."""

    left: float
    top: float
    right: float
    bottom: float

    def __str__(self) -> str:
        sides = (self.left, self.top, self.right, self.bottom)
        return "-".join(f"{10000 * side:.0f}" for side in sides)

    def part(self, inner: "Inside") -> "Inside":
        """A part of this part, as one of the whole picture."""
        width, height = self.right - self.left, self.bottom - self.top
        return Inside(
            self.left + width * inner.left,
            self.top + height * inner.top,
            self.left + width * inner.right,
            self.top + height * inner.bottom,
        )

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Its (width, height) in pixels of a picture of this size."""
        across, down = self.right - self.left, self.bottom - self.top
        return max(1, round(across * width)), max(1, round(down * height))

    def crop_filter(self) -> str:
        """What leaves only this of a picture, for ffmpeg; sizes may change within a file."""
        across, down = self.right - self.left, self.bottom - self.top
        return f"crop=iw*{across:.6f}:ih*{down:.6f}:iw*{self.left:.6f}:ih*{self.top:.6f}:exact=1"


WHOLE = Inside(0.0, 0.0, 1.0, 1.0)
