"""What bad input raises. Messages name parameters in backticks; command lines put flags there.

Every message is one line that names the file or the parameter, what is wrong, and, where there is
something to do, what to do.
"""


class VideoAlignmentError(ValueError):
    """Something the user gave cannot be used.

    The command lines print the message as it is, but for parameters in backticks, which become
    flags (`min_overlap_s` is --min-overlap), and exit with status 2.
    """


class UnusableFileError(VideoAlignmentError):
    """A file is missing, cannot be read or written, is broken, or holds something else."""


class FeatureMismatchError(VideoAlignmentError):
    """Features, a whitening or descriptors were made in ways that cannot be compared."""


class OptionError(VideoAlignmentError):
    """A parameter has no such value, or does not apply."""


class MissingExtraError(VideoAlignmentError):
    """A package that an optional part of this one needs is not installed.

    Args:
        needed: what needs it, e.g. "OpenTimelineIO".
        extra: the extra of this package that brings it, e.g. "otio".
    """

    def __init__(self, needed: str, extra: str) -> None:
        super().__init__(f"{needed} is not installed: run pip install 'videoalignment[{extra}]'")
        self.extra = extra
