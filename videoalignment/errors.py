"""The one exception that bad input raises."""


class VideoAlignmentError(ValueError):
    """Something the user gave cannot be used.

    The message is one line that names the file, what is wrong and what to do;
    the command lines print it as it is and exit with status 2.
    """
