"""The machine that a measurement was taken on."""

import datetime
import os
import platform
from pathlib import Path


def processor() -> str:
    """Name of the processor, as the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        lines = text.splitlines()
        return next(line.partition(":")[2].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def machine_line(threads: str) -> str:
    """Processor, CPUs, today's date and `threads`, to stand above a table of medians."""
    day = datetime.date.today().isoformat()
    return f"{processor()}, {os.cpu_count()} CPUs, {day}, {threads}, medians"
