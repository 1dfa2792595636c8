"""Loss, accuracy and learning rate by epoch."""

import math
from typing import TYPE_CHECKING, Any

from dssd_tf.report.run import VALIDATION_COLUMNS, Run
from dssd_tf.report.section import Missing, Section
from dssd_tf.report.svg import Line, line_figure

if TYPE_CHECKING:
    import pandas as pd


def build(run: Run) -> dict[str, Any] | Missing:
    """Figures and the table of their numbers."""
    history = run.history
    if history is None:
        return Missing("history.csv is missing or holds no epoch", ("dssd train RECIPE --out RUN",))
    best = _best_epoch(history)
    return {
        "figures": [
            history_figure(history, "loss", "Loss", best),
            history_figure(history, "accuracy", "Accuracy", best, scale=100, unit="%"),
            history_figure(history, "learning_rate", "Learning rate", None, log=True),
        ],
        "rows": history.to_dict("records"),
        # Absent where the recipe holds out no validation clips.
        "validation": [
            column for column in VALIDATION_COLUMNS if bool(history[column].notna().any())
        ],
        "best": best,
        "seconds": float(history["seconds"].sum()),
    }


def _best_epoch(history: "pd.DataFrame") -> int | None:
    losses = history["val_loss"].to_numpy(na_value=math.inf)
    best = losses.argmin()
    return int(history["epoch"].to_numpy()[best]) if math.isfinite(losses[best]) else None


def history_figure(
    history: "pd.DataFrame",
    column: str,
    title: str,
    best: int | None,
    *,
    scale: float = 1,
    unit: str = "",
    log: bool = False,
    of: str = "",
    prefix: str = "curve",
) -> dict[str, Any]:
    """One column of a history by epoch, of the validation and of the training.

    Args:
        history: A row an epoch.
        column: What is drawn.
        title: What it is called.
        best: An epoch to mark.
        scale: Factor of the values.
        unit: Theirs, after scaling.
        log: Whether the values' axis is logarithmic.
        of: Whose history it is, where there are several.
        prefix: Starts the figure's element ids; unique in the page.

    Returns:
        `title`, `svg` and `label`, its text alternative.
    """
    validation = f"val_{column}"
    columns = (
        {"validation": validation, "training": column} if validation in history else {"": column}
    )
    known = {n: c for n, c in columns.items() if history[c].notna().any()}
    parts = [_describe(history, n, c, scale, unit) for n, c in known.items()]
    label = f"{title}{f' of {of}' if of else ''} by epoch. " + (
        "; ".join(parts) + "." if parts else "No value is known."
    )
    svg = line_figure(
        f"{prefix}-{column.replace('_', '-')}",
        history["epoch"].tolist(),
        [Line(n, (scale * history[c]).tolist()) for n, c in known.items()],
        label=label,
        x_label="epoch",
        y_label=f"{title.lower()} in {unit}" if unit else title.lower(),
        mark=best,
        # A rate of 0, as at the start of a warm-up, has no place on a logarithmic axis.
        log_y=log and bool((history[column] > 0).all()),
    )
    return {"title": title, "svg": svg, "label": label}


def _describe(history: "pd.DataFrame", name: str, column: str, scale: float, unit: str) -> str:
    values = history[column].dropna() * scale
    first, last = f"{values.iloc[0]:.4g}", f"{values.iloc[-1]:.4g}"
    return f"{name} from {first} to {last} {unit}".strip()


LEARNING_CURVES = Section("learning_curves", "Learning curves", build)
