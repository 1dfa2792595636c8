"""Errors a user can act on: each says where, what was found, and how to mend it, in one line."""

from collections.abc import Sequence
from pathlib import Path


class DssdError(Exception):
    """A fault in the user's input or surroundings, told in one line without a traceback.

    Args:
        problem: What is wrong, with the value that was found.
        path: The file or folder concerned; put first in the message.
        fix: What to do about it; put last in the message.
    """

    exit_code = 2

    def __init__(self, problem: str, *, path: Path | str | None = None, fix: str | None = None):
        self.problem, self.path, self.fix = problem, path, fix
        where = f"{path}: " if path is not None else ""
        mend = f" — {fix}" if fix else ""
        super().__init__(f"{where}{problem}{mend}")

    @property
    def lines(self) -> tuple[str, ...]:
        """What a person is told, a line a fault."""
        return (str(self),)


class RecipeError(DssdError):
    """A recipe that cannot be read or does not follow the schema."""


class RecipeFaults(RecipeError):
    """Several faults of a recipe, found at once.

    Args:
        faults: Two or more, in the order in which they are told.
    """

    def __init__(self, faults: Sequence[DssdError]):
        super().__init__("; ".join(fault.problem for fault in faults), path=faults[0].path)
        self.faults = tuple(faults)

    @property
    def lines(self) -> tuple[str, ...]:
        """What a person is told, a line a fault."""
        return tuple(line for fault in self.faults for line in fault.lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)


class DataError(DssdError):
    """A dataset folder, table or recording that cannot be used."""


class ModelError(DssdError):
    """A model that is unknown or cannot be built, read or converted."""


class RunError(DssdError):
    """A run's folder that is missing, incomplete or belongs to another recipe."""


class PackageError(DssdError):
    """A submission that cannot be written or read."""
