"""What the benchmarks share: whole numbers as options, the line of the machine, and the file."""

import argparse
import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dssd_tf.machine import machine_line

__all__ = ["machine_line", "positive", "write_csv"]


def positive(text: str) -> int:
    """A whole number of 1 or more, for argparse."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return value


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows, whose keys are the columns.

    Raises:
        DssdError: The file cannot be written.
    """
    from dssd_tf.files import write_text

    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
