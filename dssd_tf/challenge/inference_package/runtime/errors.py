"""The error of an inference package: one line that names the file and the remedy."""

from pathlib import Path


class InferenceError(ValueError):
    """A recording, a model or an argument that cannot be used.

    Args:
        problem: What is wrong, with the value that was found.
        path: The file concerned; put first in the message.
        fix: What to do about it; put last in the message.
    """

    def __init__(self, problem: str, *, path: Path | str | None = None, fix: str | None = None):
        where = f"{path}: " if path is not None else ""
        super().__init__(f"{where}{problem}{f' — {fix}' if fix else ''}")
