"""Checks of the rows of an output file: names, labels, probabilities."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from dssd_tf.challenge.fault import Fault, row_faults, show
from dssd_tf.config_errors import nearest

# Six printed decimals of ten classes miss the sum by at most 5e-6.
SUM_TOLERANCE = 1e-5
# Two decimals of ten classes miss it by at most 0.05: a sum that is further off was not rounded.
ROUNDED_SUM_TOLERANCE = 0.05


def check_rows(
    file: str,
    table: pd.DataFrame,
    lines: np.ndarray,
    classes: Sequence[str],
    names: Sequence[str],
    *,
    numbered: bool,
    broken: Sequence[str] = (),
) -> list[Fault]:
    """Faults of the rows.

    Args:
        table: The columns `filename`, `scene_label` and one a class, as text or float.
        lines: The line number of each row.
        classes: The classes.
        names: The base names of the evaluation files, each wanted once.
        numbered: Whether `names` are 0.wav … of an official set.
        broken: File names of rows that could not be read; those files are not missing.
    """
    return [
        *_check_names(file, table["filename"], lines, names, numbered, broken),
        *_check_probabilities(file, table, lines, classes),
    ]


def _check_names(
    file: str,
    found: pd.Series,
    lines: np.ndarray,
    names: Sequence[str],
    numbered: bool,
    broken: Sequence[str],
) -> list[Fault]:
    expected = f"0.wav … {len(names) - 1}.wav, once each" if numbered else "each file once"
    wanted = pd.Index(names)
    faults = []
    unknown = ~found.isin(wanted).to_numpy()
    values = found[unknown].to_numpy()
    faults += row_faults(
        file,
        lines[unknown],
        "filename",
        expected,
        lambda i: (values[i], _name_reason(values[i], len(names), numbered)),
    )
    again = found.duplicated().to_numpy()
    repeated = found[again].to_numpy()
    faults += row_faults(
        file,
        lines[again],
        "filename",
        expected,
        lambda i: (repeated[i], f"'{repeated[i]}' is a duplicate of an earlier row"),
    )
    # A file whose name is only written in a wrong way has a fault already.
    meant = [_meant(name, numbered) for name in (*values, *broken)]
    missing = wanted[~(wanted.isin(found) | wanted.isin(meant))]
    if len(missing):
        first = ", ".join(show(name) for name in missing[:3]) + (", …" if len(missing) > 3 else "")
        message = f"has no row for {len(missing)} of {len(names)} files ({first})"
        shown = f"{len(found) + len(broken)} rows"
        faults.append(Fault(file, None, "filename", shown, expected, message))
    return faults


def _meant(name: str, numbered: bool) -> str:
    """The base name that a wrongly written one most likely stands for."""
    base = re.split(r"[/\\]", name)[-1].strip()
    stem = re.sub(r"\.[A-Za-z0-9]*$", "", base)
    if numbered and re.fullmatch(r"[0-9]{1,9}", stem):
        stem = str(int(stem))
    return f"{stem}.wav"


def _name_reason(name: str, count: int, numbered: bool) -> str:
    shown = name[:60]
    if "/" in name or "\\" in name:
        return f"'{shown}' holds a folder; write the base name"
    if not name.endswith(".wav"):
        return f"'{shown}' does not end in .wav"
    if not numbered:
        return f"'{shown}' is not among the {count} evaluation files"
    stem = name.removesuffix(".wav")
    if not re.fullmatch(r"-?[0-9]+", stem):
        return f"'{shown}' is not numbered; the stem must be an integer"
    if re.fullmatch(r"-?0[0-9]+|-0", stem):
        return f"'{shown}' has a sign or leading zeros"
    return f"'{shown}' is out of range 0 … {count - 1}"


def _check_probabilities(
    file: str, table: pd.DataFrame, lines: np.ndarray, classes: Sequence[str]
) -> list[Fault]:
    faults: list[Fault] = []
    columns = {}
    for name in classes:
        column = table[name]
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
        columns[name] = values
        faults += _check_column(file, name, column, values, lines)
    matrix = np.column_stack([columns[name] for name in classes])
    with np.errstate(invalid="ignore"):
        whole = np.isfinite(matrix).all(axis=1) & ((matrix >= 0) & (matrix <= 1)).all(axis=1)
        sums = matrix.sum(axis=1)
        off = whole & ~(np.abs(sums - 1.0) <= SUM_TOLERANCE)
    bad_sums = sums[off]
    faults += row_faults(
        file,
        lines[off],
        "sum",
        f"1 within {SUM_TOLERANCE:g}",
        lambda i: (
            f"{bad_sums[i]:.9g}",
            f"probabilities sum to {bad_sums[i]:.9g}, not 1{_rounding_hint(bad_sums[i])}",
        ),
    )
    return faults + _check_labels(file, table["scene_label"], matrix, whole, lines, classes)


def _rounding_hint(total: float) -> str:
    near = abs(total - 1.0) < ROUNDED_SUM_TOLERANCE
    return "; print at least 6 decimals" if near else ""


def _check_column(
    file: str, name: str, column: pd.Series, values: np.ndarray, lines: np.ndarray
) -> list[Fault]:
    endless = ~np.isfinite(values)
    with np.errstate(invalid="ignore"):
        outside = np.isfinite(values) & ((values < 0) | (values > 1))
    odd, far = column[endless].to_numpy(), values[outside]
    return [
        *row_faults(
            file,
            lines[endless],
            name,
            "a number in [0, 1]",
            lambda i: (str(odd[i]), f"'{str(odd[i])[:60]}' is not a finite number"),
        ),
        *row_faults(
            file,
            lines[outside],
            name,
            "a number in [0, 1]",
            lambda i: (f"{far[i]:g}", f"{far[i]:g} is out of range [0, 1]"),
        ),
    ]


def _check_labels(
    file: str,
    labels: pd.Series,
    matrix: np.ndarray,
    whole: np.ndarray,
    lines: np.ndarray,
    classes: Sequence[str],
) -> list[Fault]:
    index = pd.Index(classes).get_indexer(pd.Index(labels))
    unknown = index < 0
    values = labels[unknown].to_numpy()
    faults = row_faults(
        file,
        lines[unknown],
        "scene_label",
        "one of the classes",
        lambda i: (values[i], f"'{values[i][:60]}' is no class{nearest(values[i][:60], classes)}"),
    )
    # On a tie any of the best classes will do.
    with np.errstate(invalid="ignore"):
        stated = matrix[np.arange(len(matrix)), np.maximum(index, 0)]
        wrong = whole & ~unknown & (stated < matrix.max(axis=1, initial=-np.inf))
    given, best = labels[wrong].to_numpy(), matrix[wrong]
    return faults + row_faults(
        file,
        lines[wrong],
        "scene_label",
        "the class with the highest probability",
        lambda i: (given[i], f"'{given[i]}' is not the arg-max '{classes[best[i].argmax()]}'"),
    )
