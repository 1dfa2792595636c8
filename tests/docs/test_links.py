"""Links of the repository's texts lead somewhere."""

import re
from pathlib import Path

_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def _anchors(path: Path) -> set[str]:
    """As markdown pages name their headings: lower case, words joined by hyphens."""
    headings = _HEADING.findall(path.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


def test_no_link_is_dead(page: Path) -> None:
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    for link in _LINK.findall(text):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page}: {link}"
        assert not anchor or anchor in _anchors(target), f"{page}: {link}"


def test_every_page_of_the_site_is_in_its_menu(repository: Path) -> None:
    menu = (repository / "mkdocs.yml").read_text(encoding="utf-8")
    for path in sorted((repository / "docs").rglob("*.md")):
        assert f": {path.relative_to(repository / 'docs').as_posix()}\n" in menu, path
