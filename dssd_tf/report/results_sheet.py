"""A run's main figures on one page of PDF, for a submission without a technical report."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from dssd_tf.files import atomic_path
from dssd_tf.report.devices import group_devices, pool
from dssd_tf.report.notices import notices
from dssd_tf.report.run import Run, read_run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

HEADING = "Results sheet made by dssd_tf from a run; replace it by your technical report"
_INK, _MUTED, _BLUE, _GREY = "#1b1f24", "#545c66", "#0b5cad", "#c9d0d8"


def write_results_sheet(run_dir: Path, target: Path, title: str) -> Path:
    """Write a run's results and cost as a one-page PDF (A4).

    The sheet depends on the folder's files and the title alone: the same gives the same bytes.

    Args:
        run_dir: The run's folder; `metrics.json` must be in it.
        target: Where the PDF goes.
        title: The sheet's title, such as the submission's label.

    Returns:
        The path of the PDF.

    Raises:
        DssdError: The folder or `metrics.json` is missing, a file in it is damaged, or the sheet
            could not be written.
    """
    import matplotlib
    from matplotlib.figure import Figure

    run = read_run(Path(run_dir))
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        # Titles and class names are plain text: a dollar sign in one starts no formula.
        matplotlib.rcParams.update(
            {"text.parse_math": False, "pdf.fonttype": 42, "font.size": 8, "text.color": _INK}
        )
        figure = Figure(figsize=(8.27, 11.69), layout=_layout())
        _draw(figure, run, title)
        with atomic_path(target) as part:
            figure.savefig(
                part,
                format="pdf",
                metadata={"Title": title, "Creator": "dssd_tf", "CreationDate": None},
            )
    return Path(target)


def _layout() -> ConstrainedLayoutEngine:
    """Keep the drawings, with their labels however long, under the heading and in the margins."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return ConstrainedLayoutEngine(rect=(0.06, 0.04, 0.88, 0.80), hspace=0.06, wspace=0.06)


def _draw(figure: Figure, run: Run, title: str) -> None:
    figure.text(0.07, 0.962, HEADING, fontsize=9, color=_MUTED)
    lines = textwrap.wrap(title, 52, max_lines=2, placeholder=" …") or [run.name]
    _write(figure, 0.95, lines, 16, "bold")
    notes = [f"Run: {_short(run.name, 90)}. Deployed system: {run.deployed}."]
    notes += [notice.title for notice in notices(run)]
    _write(figure, 0.945 - 0.024 * len(lines), notes, 9, "normal")
    # Bands of their own, so that long class names in one take no width from the others.
    bands = figure.add_gridspec(3, 1, height_ratios=[1, 1.6, 2.5])
    tables, bars, matrix = (figure.add_subfigure(bands[row]) for row in range(3))
    left, right = tables.subplots(1, 2)
    _table(left, "Results and cost", _results(run))
    _table(right, "Limits", _limits(run))
    left, right = bars.subplots(1, 2)
    classes = run.metrics.classes
    metrics = run.deployed_metrics
    _bars(
        left,
        "Accuracy by class in %",
        [(_short(label), metrics.of_class(label).accuracy) for label in classes],
    )
    _bars(right, "Accuracy by device in %", _devices(run))
    _confusion(matrix.subplots(), run)


def _write(figure: Figure, top: float, lines: list[str], size: float, weight: str) -> None:
    """Write lines from the left margin, smaller where the widest would leave the page."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(weight=weight)
    widest = max(TextPath((0, 0), line, size=size, prop=font).get_extents().width for line in lines)
    room = 0.86 * 72 * figure.get_figwidth()
    size *= min(1.0, room / max(widest, 1.0))
    figure.text(0.07, top, "\n".join(lines), fontsize=size, weight=weight, va="top")


def _results(run: Run) -> list[list[str]]:
    systems = run.metrics.by_name()
    rows = [
        ["", *systems],
        ["Macro accuracy", *(f"{100 * s.macro_accuracy:.2f} %" for s in systems.values())],
        ["Log loss", *(f"{s.log_loss:.3f}" for s in systems.values())],
        ["Clips", *(f"{s.samples:,}" for s in systems.values())],
    ]
    if run.complexity is not None:
        costs = run.complexity.by_name()
        known = [costs.get(name) for name in systems]
        rows += [
            ["MACs", *(f"{c.macs:,}" if c else "–" for c in known)],
            ["Parameters", *(f"{c.parameters:,}" if c else "–" for c in known)],
            ["Constants", *(f"{c.size_bytes:,} B" if c else "–" for c in known)],
        ]
    return rows


def _limits(run: Run) -> list[list[str]]:
    checks = run.complexity.checks if run.complexity else []
    if not checks:
        return [["No limits were checked", ""]]
    rows = [["Check", "Measured", "Limit", "Verdict"]]
    for check in checks:
        verdict = "passed" if check.passed else "FAILED"
        rows.append([_short(check.name), _figure(check.measured), _figure(check.limit), verdict])
    return rows


def _figure(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:,}" if is_number else _short(str(value), 14)


def _devices(run: Run) -> list[tuple[str, float | None]]:
    scores = run.deployed_metrics.device_wise
    bars: list[tuple[str, float | None]] = []
    for group in group_devices(scores, run.metrics.trained_devices):
        bars += [(_short(device), scores[device].accuracy) for device in group.inner]
        name = f"mean, {group.name}" if group.inner else group.label
        bars.append((name, pool(scores[d] for d in group.devices).accuracy))
    return bars


def _table(axes: Axes, title: str, rows: list[list[str]]) -> None:
    axes.set_axis_off()
    axes.set_title(title, loc="left", fontsize=10, weight="bold")
    others = len(rows[0]) - 1
    first = 0.4 if others < 3 else 0.25
    table = axes.table(
        cellText=rows,
        loc="upper left",
        cellLoc="right",
        edges="horizontal",
        colWidths=[first, *[(1 - first) / others] * others],
    )
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    table.scale(1, 1.15)
    for (_, column), cell in table.get_celld().items():
        cell.set_edgecolor(_GREY)
        if column == 0:
            cell.set_text_props(ha="left")


def _bars(axes: Axes, title: str, values: list[tuple[str, float | None]]) -> None:
    axes.set_title(title, loc="left", fontsize=10, weight="bold")
    places = range(len(values))
    shares = [100 * (value or 0) for _, value in values]
    colours = [_GREY if name.startswith("mean, ") else _BLUE for name, _ in values]
    axes.barh(places, shares, color=colours, height=0.65)
    for place, (_, value), share in zip(places, values, shares, strict=True):
        text = "no clip" if value is None else f"{share:.1f}"
        axes.text(share + 1, place, text, va="center", fontsize=7)
    axes.set_yticks(places, [name for name, _ in values])
    axes.set_xlim(0, 112)
    axes.set_xticks(range(0, 101, 20))
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)


def _confusion(axes: Axes, run: Run) -> None:
    axes.set_title(
        f"Confusion matrix, {run.deployed} system: clips and shading by the share of the row",
        loc="left",
        fontsize=10,
        weight="bold",
    )
    rows = run.deployed_metrics.confusion_matrix
    shares = [[n / (sum(row) or 1) for n in row] for row in rows]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    labels = [_short(label) for label in run.metrics.classes]
    axes.set_yticks(range(len(rows)), labels)
    axes.set_xticks(range(len(rows)), labels, rotation=40, ha="right")
    axes.set_ylabel("true")
    axes.set_xlabel("predicted")
    size = 7 if len(rows) <= 12 else 4
    for i, row in enumerate(rows):
        for j, n in enumerate(row):
            colour = "white" if shares[i][j] > 0.67 else _INK
            axes.text(j, i, f"{n:,}", ha="center", va="center", color=colour, fontsize=size)


def _short(text: str, width: int = 24) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
