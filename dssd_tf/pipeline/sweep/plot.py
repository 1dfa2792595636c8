"""A sweep's summary as a picture: accuracy against cost."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from dssd_tf.errors import RunError
from dssd_tf.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COSTS = {
    "macs": "multiply-adds of a clip, millions",
    "macs_torchinfo": "multiply-adds of a clip by the torchinfo rule, millions",
    "parameters": "parameters, thousands",
    "bytes": "bytes of the model file, thousands",
}
SCORES = {
    "macro_accuracy": "macro accuracy, %",
    "seen_accuracy": "macro accuracy, devices of the training, %",
    "unseen_accuracy": "macro accuracy, devices that training never heard, %",
}
_SUFFIXES = (".svg", ".png")
# Points right of and above a point, the nearest first; those at the end need a line to it.
_NEAR = (3, -9)
_FAR = (14, -20, 25, -31, 36, -42, 47, -53, 58, -64)
# Pixels between a name and the points of others.
_CLEAR = 7
_SPOTS = [(dx, dy) for dy in (*_NEAR, *_FAR) for dx in (6, -6)]


def plot_summary(
    table: pd.DataFrame,
    path: Path,
    *,
    system: str | None = None,
    cost: str = "macs",
    score: str = "macro_accuracy",
) -> None:
    """Write a point for each row, its name beside it, its interval as a bar.

    Args:
        table: A summary.
        path: `.svg` or `.png`.
        system: Rows of this system only.
        cost: One of `COSTS`, along a logarithmic axis.
        score: One of `SCORES`.

    Raises:
        RunError: The suffix is another, cost or score is unknown, no row has both, or some
            configurations have several systems.
    """
    if path.suffix not in _SUFFIXES:
        raise RunError(
            f"is no name of a picture (suffix {path.suffix!r})",
            path=path,
            fix=f"end it in {' or '.join(_SUFFIXES)}",
        )
    for name, of in ((cost, COSTS), (score, SCORES)):
        if name not in of:
            raise RunError(f"{name!r} cannot be drawn", fix=f"choose one of {', '.join(of)}")
    if system is not None:
        table = table[table["system"] == system]
    known = [name for name in (cost, score) if name in table]
    rows = table.dropna(subset=known)
    if len(known) < 2 or rows.empty:
        raise RunError(f"no row has {cost} and {score}", fix="give the ..._summary.csv of a sweep")
    if rows["configuration"].duplicated().any():
        raise RunError("several systems in one picture", fix="choose one with --system")
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.hashsalt": "dssd", "svg.fonttype": "none", "text.parse_math": False}):
        figure = Figure(figsize=(7.2, 5.0), layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        x = rows[cost] / (1e6 if cost.startswith("macs") else 1e3)
        y = 100 * rows[score]
        if f"{score}_low" in rows:
            ends = [y - 100 * rows[f"{score}_low"], 100 * rows[f"{score}_high"] - y]
            axes.errorbar(x, y, yerr=[end.clip(lower=0) for end in ends], fmt="none", ecolor="0.8")
        axes.scatter(x, y, s=26, color="#1f5fa8", zorder=3)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.xaxis.set_minor_formatter(lambda value, _: f"{value:g}")
        axes.margins(x=0.2)
        axes.set_xlabel(COSTS[cost])
        axes.set_ylabel(SCORES[score])
        axes.grid(color="0.93")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        figure.draw_without_rendering()
        _name_points(axes, list(zip(rows["configuration"], x, y, strict=True)))
        buffer = io.BytesIO()
        date = {"Date": None} if path.suffix == ".svg" else {}
        figure.savefig(buffer, format=path.suffix[1:], dpi=150, metadata=date)
    write_bytes(path, buffer.getvalue())


def _name_points(axes: "Axes", points: list[tuple[str, float, float]]) -> None:
    """Put each name at the first spot about its point where it covers no point and no name."""
    from matplotlib.text import Text

    taken = [axes.transData.transform((x, y)) for _, x, y in points]
    boxes: list[Any] = []
    for (name, x, y), own in zip(points, taken, strict=True):
        label = None
        for dx, dy in _SPOTS:
            if label is not None:
                label.remove()
            label = axes.annotate(
                str(name),
                (x, y),
                (dx, dy),
                textcoords="offset points",
                ha="left" if dx > 0 else "right",
                fontsize=8,
                arrowprops={"arrowstyle": "-", "color": "0.6", "linewidth": 0.6}
                if dy in _FAR
                else None,
            )
            label.get_window_extent()  # places the words
            # Of the words alone, without the line.
            box = Text.get_window_extent(label)
            if not any(box.overlaps(other) for other in boxes) and not any(
                box.padded(_CLEAR).contains(*point) for point in taken if point is not own
            ):
                break
        boxes.append(box)
