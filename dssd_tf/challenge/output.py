"""The output file: one row a file of the evaluation set, one probability a class."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from dssd_tf.config_errors import nearest
from dssd_tf.errors import PackageError

DECIMALS = 9
# Probabilities that went through six printed decimals still sum to one within this.
SUM_TOLERANCE_IN = 1e-4
_UNWRITABLE = re.compile(r'[\t\r\n"]')


def output_columns(classes: Sequence[str]) -> list[str]:
    """The columns of an output file, in order."""
    return ["filename", "scene_label", *classes]


def format_output(predictions: pd.DataFrame, classes: Sequence[str]) -> bytes:
    """Print predictions as an output file.

    Args:
        predictions: Rows with `filename` and one probability column in [0, 1] a class.
        classes: The classes, in the order of the columns.

    Returns:
        UTF-8, TAB-separated, LF; `scene_label` is the arg-max; rows in numeric order where the
        names are numbers. Rows are scaled to sum to 1 and printed to 9 decimals, which moves a
        probability by less than 1e-6 where the sum was right to 1e-6.

    Raises:
        PackageError: A column is missing, or a row holds something that is not a distribution.
    """
    missing = [name for name in ("filename", *classes) if name not in predictions.columns]
    if missing:
        hint = nearest(missing[0], [str(name) for name in predictions.columns])
        raise PackageError(
            f"the predictions have no column '{missing[0]}'{hint}",
            fix="give a probability column for each class of the edition",
        )
    names = [str(name).rpartition("/")[2] for name in predictions["filename"]]
    if _UNWRITABLE.search("".join(names)):
        name = next(name for name in names if _UNWRITABLE.search(name))
        raise PackageError(
            f"the file name {name!r} cannot stand in a TAB-separated file", fix="rename the file"
        )
    order = _order(names)
    names = [names[row] for row in order]
    probabilities = _distributions(predictions, order, names, classes)
    labels = np.asarray(classes, dtype=object)[probabilities.argmax(axis=1)]
    # A format a row: pandas formats field by field, which takes five times as long.
    row = "\t".join(["%s", "%s", *[f"%.{DECIMALS}f"] * len(classes)])
    columns = [names, labels.tolist(), *probabilities.T.tolist()]
    lines = ["\t".join(output_columns(classes)), *map(row.__mod__, zip(*columns, strict=True)), ""]
    return "\n".join(lines).encode("utf-8")


def _order(names: Sequence[str]) -> list[int]:
    """Rows in numeric order where all names are numbers, else as they stand."""
    rows = list(range(len(names)))
    stems = [name.removesuffix(".wav") for name in names]
    if all(stem.isascii() and stem.isdigit() for stem in stems):
        rows.sort(key=lambda row: int(stems[row]))
    return rows


def _distributions(
    predictions: pd.DataFrame, order: Sequence[int], names: Sequence[str], classes: Sequence[str]
) -> np.ndarray:
    try:
        values = predictions[list(classes)].to_numpy(dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise PackageError(
            f"the predictions hold a value that is not a number ({error})",
            fix="evaluate the run again",
        ) from error
    # Class by class, in memory as well: in another order a sum would differ in its last digit.
    values = np.asfortranarray(values[order])
    sums = values.sum(axis=1)
    with np.errstate(invalid="ignore"):
        good = (np.isfinite(values) & (values >= 0)).all(axis=1)
        good &= np.abs(sums - 1.0) <= SUM_TOLERANCE_IN
    if not good.all():
        row = int(np.argmin(good))
        shown = ", ".join(f"{value:g}" for value in values[row])
        raise PackageError(
            f"the predictions of '{names[row]}' are no probabilities ({shown})",
            fix="give softmax outputs, not logits, that sum to 1",
        )
    return values / sums[:, None]
