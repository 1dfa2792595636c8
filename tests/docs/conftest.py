"""The repository's texts and the blocks in them."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for top in ("*.md", "docs/**/*.md", "recipes/**/*.md", "submissions/**/*.md")
    for path in REPOSITORY.glob(top)
)
_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: what stands behind the fence, and its text."""

    info: str
    text: str


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(*found) for found in _BLOCK.findall(path.read_text(encoding="utf-8"))]


@pytest.fixture(params=PAGES, ids=[str(path.relative_to(REPOSITORY)) for path in PAGES])
def page(request: pytest.FixtureRequest) -> Path:
    """Each markdown page of the repository."""
    return request.param


@pytest.fixture
def page_blocks(page: Path) -> list[Block]:
    """Its fenced blocks."""
    return blocks(page)
