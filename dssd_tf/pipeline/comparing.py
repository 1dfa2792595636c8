"""Two finished runs, or two systems of one, compared by their predictions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dssd_tf.errors import RunError
from dssd_tf.evaluation.comparison import RESAMPLES, Comparison, compare
from dssd_tf.evaluation.predictions import COLUMNS, read_predictions
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.systems import SYSTEMS, deployed_system

_AGAIN = "run `dssd evaluate` again"


def compare_runs(
    a: RunFolder,
    b: RunFolder,
    *,
    systems: tuple[str | None, str | None] = (None, None),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[tuple[str, str], Comparison]:
    """Compare two runs' predictions of the test clips.

    Args:
        a: A run.
        b: Another run, or the same one with another system.
        systems: Of `a` and of `b`; None for the deployed one.
        resamples: Of the bootstrap, and permutations where not all are looked at.
        seed: Of both.

    Returns:
        The systems that were compared, and the result.

    Raises:
        RunError: A run is not evaluated, or before its model was made again, lacks the system, or
            both have not the same clips, labels, recordings, devices and classes; or the
            predictions are damaged.
    """
    (first, table_a), (second, table_b) = (
        _system(run, wanted) for run, wanted in zip((a, b), systems, strict=True)
    )
    classes = _classes(table_a)
    _check(a.predictions, table_a, classes)
    if set(_classes(table_b)) != set(classes):
        raise RunError(
            f"has the classes {_classes(table_b)}, {a.predictions} has {classes}",
            path=b.predictions,
            fix="compare runs on the same classes",
        )
    _check(b.predictions, table_b, classes)
    _refuse_other_clips(a.predictions, table_a, b.predictions, table_b)
    return (first, second), compare(table_a, table_b, classes, resamples=resamples, seed=seed)


def _system(run: RunFolder, wanted: str | None) -> tuple[str, pd.DataFrame]:
    """The system's name and its rows."""
    table = read_predictions(run.require(run.predictions, "evaluate"))
    present = [name for name in SYSTEMS if name in set(table["system"])]
    if not present:
        raise RunError("has no predictions of a system", path=run.predictions, fix=_AGAIN)
    name = wanted or deployed_system(present)
    if name not in present:
        raise RunError(
            f"has no system {name!r}", path=run.predictions, fix=f"choose from {', '.join(present)}"
        )
    return name, table[table["system"] == name]


def _classes(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table.columns if name not in COLUMNS]


def _check(path: Path, table: pd.DataFrame, classes: Sequence[str]) -> None:
    """Refuse what cannot be scored."""
    twice = table.loc[table["filename"].duplicated(), "filename"]
    if len(twice):
        raise RunError(f"has {twice.iloc[0]} twice", path=path, fix=_AGAIN)
    for column in ("scene_label", "predicted"):
        stray = table.loc[~table[column].isin(classes)]
        if len(stray):
            row = stray.iloc[0]
            raise RunError(
                f"{row['filename']} has {column} {row[column]!r}, which has no column of its own",
                path=path,
                fix=_AGAIN,
            )
    for name in classes:
        values = pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64)
        wrong = ~((values >= 0) & (values <= 1))
        if wrong.any():
            row = table.iloc[int(wrong.argmax())]
            raise RunError(
                f"{row['filename']} has {str(row[name])!r} for {name}, which is no probability",
                path=path,
                fix=_AGAIN,
            )


def _refuse_other_clips(
    path_a: Path, table_a: pd.DataFrame, path_b: Path, table_b: pd.DataFrame
) -> None:
    fix = "compare runs that were evaluated on the same test clips"
    names_a, names_b = set(table_a["filename"]), set(table_b["filename"])
    for path, own, other_path, other in (
        (path_b, names_b, path_a, names_a),
        (path_a, names_a, path_b, names_b),
    ):
        if missing := sorted(other - own):
            more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
            raise RunError(f"lacks {missing[0]}{more}, which {other_path} has", path=path, fix=fix)
    both = table_b.set_index("filename").loc[table_a["filename"]]
    for column in ("scene_label", "recording", "device"):
        differs = both[column].to_numpy() != table_a[column].to_numpy()
        if differs.any():
            place = int(differs.argmax())
            raise RunError(
                f"{both.index[place]} has {column} {both[column].iloc[place]!r}, "
                f"{path_a} says {table_a[column].iloc[place]!r}",
                path=path_b,
                fix=fix,
            )
