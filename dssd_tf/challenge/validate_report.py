"""Checks of the technical report."""

from dssd_tf.challenge.fault import Fault

_START_SHOWN = 20


def check_report(file: str, data: bytes) -> list[Fault]:
    """Faults of the technical report: it must begin and end as a PDF does."""
    found = f"{len(data)} bytes"
    if not data:
        message = "the technical report is empty"
    elif not data.startswith(b"%PDF-"):
        message = "is not a PDF; it does not start with %PDF-"
        found += f" that start {data[:_START_SHOWN].decode('latin-1')!r}"
    elif b"%%EOF" not in data[-1024:]:
        message = "is a PDF cut short; the end mark %%EOF is missing"
    else:
        return []
    return [Fault(file, None, "report", found, "a PDF file", message)]
