"""Checks of the technical report."""

from dssd_tf.challenge.fault import Fault


def check_report(file: str, data: bytes) -> list[Fault]:
    """Faults of the technical report: it must begin and end as a PDF does."""
    if not data:
        message = "the technical report is empty"
    elif not data.startswith(b"%PDF-"):
        message = "is not a PDF; it does not start with %PDF-"
    elif b"%%EOF" not in data[-1024:]:
        message = "is a PDF cut short; the end mark %%EOF is missing"
    else:
        return []
    return [Fault(file, None, "report", f"{len(data)} bytes", "a PDF file", message)]
