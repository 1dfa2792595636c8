"""What a section of the page is: a title, a template and the data for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dssd_tf.report.run import Run


@dataclass(frozen=True)
class Missing:
    """Why a section is left out, and the commands that make what it needs, in order."""

    what: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One section of the page.

    Args:
        name: Its anchor, and the name of its template in `sections/`.
        title: Its heading.
        build: Gives the template's `data` from a run, or says what is missing.
    """

    name: str
    title: str
    build: Callable[[Run], dict[str, Any] | Missing]

    @property
    def template(self) -> str:
        """The template's path under the room's folder."""
        return f"sections/{self.name}.html.j2"
