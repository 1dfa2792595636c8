"""Running a sweep: what is finished is left alone."""

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import pandas as pd

from dssd_tf.errors import RecipeError, RunError
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.sweep.one_run import (
    Sweep,
    do_run,
    is_finished,
    other_recipe,
    run_settings,
)
from dssd_tf.pipeline.sweep.points import Point
from dssd_tf.pipeline.sweep.results import FIGURES, FIRST, result_rows, write_csv
from dssd_tf.progress import bar, say
from dssd_tf.recipe.faults import recipe_faults
from dssd_tf.recipe.loading import one_error


def run_sweep(sweep: Sweep, processes: int = 1) -> pd.DataFrame:
    """Do the runs that are not finished and write the results after each.

    A run that fails is told and the others go on; its log is under `logs/`. Repeating the command
    goes on where it was stopped.

    Args:
        sweep: What to run.
        processes: Runs at a time; they share the cores.

    Returns:
        The results, a row a run and system.

    Raises:
        RecipeError: Settings of a configuration are wrong; then nothing is run.
        RunError: Some runs failed; the results of the others are written.
    """
    _check(sweep)
    failed: dict[str, str] = {}
    stop = threading.Event()
    with ThreadPoolExecutor(processes) as pool, bar("runs", len(sweep.points)) as advance:
        jobs = {pool.submit(do_run, sweep, point, processes, stop): point for point in sweep.points}
        try:
            for job in as_completed(jobs):
                point = jobs[job]
                if (reason := job.result()) is not None:
                    failed[point.name] = reason
                    say(f"{point.name}: failed: {reason}")
                else:
                    say(f"{point.name}: {_told(sweep, point)}")
                _write(sweep, failed)
                advance(1, f"{len(failed)} failed" if failed else "")
        except BaseException:
            stop.set()
            raise
    if failed:
        name, reason = next(iter(failed.items()))
        raise RunError(
            f"{len(failed)} of {len(sweep.points)} runs failed, {name} first: {reason}",
            path=sweep.out / "logs" / f"{name}.log",
            fix="mend it and repeat the command; finished runs are kept",
        )
    return _write(sweep, failed)


def collect(sweep: Sweep) -> pd.DataFrame:
    """Write the results of the runs that are finished, and run nothing.

    Args:
        sweep: What would be run.

    Returns:
        The results, a row a run and system.

    Raises:
        RecipeError: Settings of a configuration are wrong.
        RunError: No run is finished, or a finished one is of another recipe.
    """
    _check(sweep)
    open_ = [point for point in sweep.points if not is_finished(sweep, point)]
    if len(open_) == len(sweep.points):
        raise RunError(
            f"none of the {len(open_)} runs is finished",
            path=sweep.out,
            fix="leave --collect out to run them",
        )
    for point in sweep.points:
        if point not in open_ and (reason := other_recipe(sweep, point)) is not None:
            raise RunError(reason)
    say(f"finished: {len(sweep.points) - len(open_)} of {len(sweep.points)} runs")
    return _write(sweep, ())


def _check(sweep: Sweep) -> None:
    """Read the recipe of each configuration: hours later is late for a misspelt key."""
    first = {point.configuration: point for point in reversed(sweep.points)}
    faults = [
        RecipeError(f"configuration {name!r}: {fault.problem}", path=fault.path, fix=fault.fix)
        for name, point in reversed(first.items())
        for fault in recipe_faults(sweep.recipe, run_settings(sweep, point))
    ]
    if faults:
        raise one_error(faults)


def _told(sweep: Sweep, point: Point) -> str:
    rows = result_rows(RunFolder(sweep.out / point.name), point)
    return "; ".join(
        f"{row['system']} macro accuracy {row['macro_accuracy']:.3f}, log loss "
        f"{row['log_loss']:.3f}"
        for row in rows
    )


def _write(sweep: Sweep, failed: Collection[str]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for point in sweep.points:
        if point.name in failed:
            continue
        if is_finished(sweep, point):
            rows += result_rows(RunFolder(sweep.out / point.name), point)
    table = pd.DataFrame(rows)
    settings = sorted({key for row in rows for key in row if key.startswith("set ")})
    table = table.reindex(columns=[*FIRST, *settings, *FIGURES])
    write_csv(sweep.csv, table)
    return table
