"""What the benchmarks' tables share: the line of the machine, and the file."""

import csv
import datetime
import io
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def machine_line(threads: str) -> str:
    """Processor, CPUs, today's date and `threads`, above a table of medians."""
    name = f"{_processor()}, {os.cpu_count()} CPUs"
    return f"{name}, {datetime.date.today().isoformat()}, {threads}, medians"


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


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
