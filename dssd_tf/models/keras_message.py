"""What Keras says went wrong, for an error of one line."""

import re

_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_WRAPPER = re.compile(r"Exception encountered when calling \S+\s+")


def in_one_line(message: object) -> str:
    """The message without styles, its list of arguments, and line breaks."""
    told, _, _ = _STYLE.sub("", str(message)).partition("Arguments received by")
    return " ".join(_WRAPPER.sub("", told).split())
