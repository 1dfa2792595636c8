"""What a section of the page is: a title, a template and the data for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Missing:
    """Why a section is left out, and the commands that make what it needs, in order."""

    what: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One section of the page.

    Args:
        name: Its anchor, and the name of its template.
        title: Its heading.
        build: Gives the template's `data` from what the page is about, or says what is missing.
        folder: Where its template lies, under the room's folder.
    """

    name: str
    title: str
    build: Callable[[Any], dict[str, Any] | Missing]
    folder: str = "sections"

    @property
    def template(self) -> str:
        """The template's path under the room's folder."""
        return f"{self.folder}/{self.name}.html.j2"
