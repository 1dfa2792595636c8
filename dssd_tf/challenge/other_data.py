"""Whether a submission is plainly of other data than the challenge's."""

import re
from collections.abc import Iterable

from dssd_tf.challenge.fault import Fault

_MISSING = re.compile(r"has no row for (\d+) of (\d+) files")
# One or two columns may be lost by mistake.
_LOST_BY_MISTAKE = 2


def of_other_data(faults: Iterable[Fault]) -> bool:
    """Whether the faults are those of other classes, or of another list of files.

    Args:
        faults: Of a submission that was held against the official classes and files.
    """
    return any(_other_classes(fault) or _other_files(fault) for fault in faults)


def _other_classes(fault: Fault) -> bool:
    if fault.field != "header":
        return False
    lacking = fault.message.partition(";")[0].count("'") // 2
    # A column that is like a wanted one is misspelt.
    strange = fault.message.count("unknown column") - fault.message.count("did you mean")
    return strange > 0 or lacking > _LOST_BY_MISTAKE


def _other_files(fault: Fault) -> bool:
    """More than half of the official files have no row."""
    counts = _MISSING.match(fault.message) if fault.field == "filename" else None
    return counts is not None and 2 * int(counts[1]) > int(counts[2])
