"""The label of a submission, `LastName_Institute_task1_N`: made and read in one place."""

import re
from dataclasses import dataclass

PART = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
PART_RULE = "ASCII letters and digits, with single hyphens inside"


@dataclass(frozen=True)
class Label:
    """A submission's label in its four parts."""

    last_name: str
    institute: str
    task: str
    number: int

    def __str__(self) -> str:
        return f"{self.team}_{self.task}_{self.number}"

    @property
    def team(self) -> str:
        """The part that the systems of a team share."""
        return f"{self.last_name}_{self.institute}"


def parse_label(text: str, task: str, systems: int) -> Label:
    """Read a label.

    Args:
        text: The label.
        task: The task's part the edition wants, such as `task1`.
        systems: The largest system number.

    Raises:
        ValueError: What is wrong with the label, in one line.
    """
    parts = text.split("_")
    if len(parts) != 4:
        raise ValueError(f"has {len(parts)} parts between underscores, not 4")
    for part in parts[:2]:
        if not PART.fullmatch(part):
            raise ValueError(f"part '{part}' is not {PART_RULE}")
    if parts[2] != task:
        raise ValueError(f"third part is '{parts[2]}', not '{task}'")
    if not re.fullmatch(r"[1-9]", parts[3]) or int(parts[3]) > systems:
        raise ValueError(f"system number '{parts[3]}' is not in 1 … {systems}")
    return Label(parts[0], parts[1], parts[2], int(parts[3]))
