"""The page of several runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dssd_tf.errors import RunError
from dssd_tf.files import write_text
from dssd_tf.report.page import render_sections
from dssd_tf.report.side_by_side.runs import read_runs
from dssd_tf.report.side_by_side.sections import SECTIONS


def write_side_by_side(
    folders: Sequence[Path], target: Path, *, defaults: Mapping[str, Any] | None = None
) -> Path:
    """Write several runs as one HTML page that needs nothing but itself.

    Args:
        folders: The runs' folders, two or more; `metrics.json` must be in each.
        target: Where the page goes.
        defaults: Of the recipes' settings, by dotted key: a setting that a recipe lacks does not
            differ from its default. None where they are not known.

    Raises:
        DssdError: There are fewer than two runs, a folder cannot be read, or the runs have
            different classes.
    """
    if len(folders) < 2:
        raise RunError("side by side takes two runs or more")
    runs = read_runs(folders, defaults)
    html = render_sections(
        runs,
        SECTIONS,
        kind="Runs side by side",
        title=" · ".join(runs.by_name),
        notices=runs.notices(),
    )
    write_text(target, html)
    return target
