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
    frame = predictions.reset_index(drop=True)
    frame = frame.assign(filename=frame["filename"].astype(str).str.split("/").str[-1])
    if (odd := frame["filename"].str.contains(r"[\t\r\n\"]")).any():
        name = frame["filename"][odd.to_numpy()].iloc[0]
        raise PackageError(
            f"the file name {name!r} cannot stand in a TAB-separated file", fix="rename the file"
        )
    frame = frame.iloc[_order(frame["filename"])]
    probabilities = _distributions(frame, classes)
    labels = np.asarray(classes, dtype=object)[probabilities.argmax(axis=1)]
    table = pd.DataFrame(probabilities, columns=list(classes))
    table.insert(0, "scene_label", labels)
    table.insert(0, "filename", frame["filename"].to_numpy())
    text = table.to_csv(
        sep="\t", index=False, float_format=f"%.{DECIMALS}f", lineterminator="\n", quoting=3
    )
    return text.encode("utf-8")


def _order(names: pd.Series) -> np.ndarray:
    stems = names.str.removesuffix(".wav")
    if len(names) and stems.map(lambda stem: re.fullmatch(r"[0-9]{1,15}", stem) is not None).all():
        return stems.astype("int64").argsort(kind="stable").to_numpy()
    return np.arange(len(names))


def _distributions(frame: pd.DataFrame, classes: Sequence[str]) -> np.ndarray:
    try:
        values = frame[list(classes)].to_numpy(dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise PackageError(
            f"the predictions hold a value that is not a number ({error})",
            fix="evaluate the run again",
        ) from error
    sums = values.sum(axis=1)
    with np.errstate(invalid="ignore"):
        good = (np.isfinite(values) & (values >= 0)).all(axis=1)
        good &= np.abs(sums - 1.0) <= SUM_TOLERANCE_IN
    if not good.all():
        row = int(np.argmin(good))
        shown = ", ".join(f"{value:g}" for value in values[row])
        raise PackageError(
            f"the predictions of '{frame['filename'].iloc[row]}' are no probabilities ({shown})",
            fix="give softmax outputs, not logits, that sum to 1",
        )
    return values / sums[:, None]
