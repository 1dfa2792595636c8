"""Fill the tables of the repository's pages from the results that are committed.

    python tools/fill_tables.py            # writes them
    python tools/fill_tables.py --check    # exit code 1 where one is not what its command prints

A table stands between two comments; the first holds the command that prints it, with paths from
the repository's root:

    <!-- dssd table recipes/esc10/results/networks_summary.csv --system int8 -->
    <!-- end of table -->
"""

import argparse
import contextlib
import io
import os
import re
import shlex
import sys
from pathlib import Path

from dssd_tf.cli import main as dssd
from dssd_tf.files import write_text

REPOSITORY = Path(__file__).resolve().parents[1]
_TABLE = re.compile(r"^<!-- dssd (table [^\n]*) -->\n(.*?)^<!-- end of table -->$", re.M | re.S)


def filled(text: str) -> str:
    """The page with each of its tables printed anew.

    Raises:
        ValueError: A command fails; the message holds it.
    """
    return _TABLE.sub(lambda found: _printed(found[1]), text)


def pages() -> list[Path]:
    """The pages that hold a table."""
    tops = ("*.md", "docs/**/*.md", "recipes/**/*.md")
    found = sorted(path for top in tops for path in REPOSITORY.glob(top))
    return [path for path in found if _TABLE.search(path.read_text(encoding="utf-8"))]


def main(arguments: list[str]) -> int:
    """Fill, or check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    stale = 0
    for path in pages():
        text = path.read_text(encoding="utf-8")
        try:
            new = filled(text)
        except ValueError as error:
            print(f"{path.relative_to(REPOSITORY)}: {error}", file=sys.stderr)
            return 2
        if new != text:
            stale += 1
            print(f"{path.relative_to(REPOSITORY)}: {'not up to date' if check else 'written'}")
            if not check:
                write_text(path, new)
    return 1 if check and stale else 0


def _printed(command: str) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.chdir(REPOSITORY):
        try:
            code = dssd(shlex.split(command))
        except SystemExit as stop:
            code = stop.code
    if code != os.EX_OK:
        raise ValueError(f"dssd {command}: exit code {code}")
    return f"<!-- dssd {command} -->\n{output.getvalue().strip()}\n<!-- end of table -->"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
