"""Running a sweep: each run in a process of its own, what is finished left alone."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dssd_tf.data.processes import available_cores
from dssd_tf.errors import DssdError, RunError
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.sweep.points import Point
from dssd_tf.pipeline.sweep.results import FIGURES, FIRST, result_rows, write_csv
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import bar, say
from dssd_tf.recipe import load_recipe
from dssd_tf.recipe.loading import differing_keys

STAGES = ("features", "train", "quantize", "evaluate", "complexity")
"""What a run of a sweep does."""


@dataclass(frozen=True)
class Sweep:
    """A sweep and where it lies.

    Args:
        recipe: The recipe's file.
        points: Its runs.
        out: Folder of the runs and their logs.
        csv: The results, a row a run and system.
        data: The dataset's folder; None for that of the recipe.
        overrides: Settings of all runs, as `--set` takes them.
    """

    recipe: Path
    points: Sequence[Point]
    out: Path
    csv: Path
    data: Path | None = None
    overrides: Sequence[str] = ()


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
        RunError: Some runs failed; the results of the others are written.
    """
    failed: dict[str, str] = {}
    stop = threading.Event()
    with ThreadPoolExecutor(processes) as pool, bar("runs", len(sweep.points)) as advance:
        jobs = {pool.submit(_run, sweep, point, processes, stop): point for point in sweep.points}
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


def _run(sweep: Sweep, point: Point, processes: int, stop: threading.Event) -> str | None:
    """Why the run failed, or None."""
    run = RunFolder(sweep.out / point.name)
    if stop.is_set():
        return "stopped"
    if set(STAGES) <= set(run.finished()):
        return _other_recipe(sweep, point, run)
    log = sweep.out / "logs" / f"{point.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    data = [] if sweep.data is None else ["--data", str(sweep.data)]
    command = [sys.executable, "-m", "dssd_tf", "run", str(sweep.recipe), *data]
    command += [part for setting in _settings(sweep, point) for part in ("--set", setting)]
    command += ["--out", str(run.path), "--resume", "--stages", ",".join(STAGES)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=_environment(processes)
        )
        while True:
            try:
                code = process.wait(timeout=0.5)
                break
            except subprocess.TimeoutExpired:
                if stop.is_set():
                    process.terminate()
    # 3: over a limit of the edition, which is a result like any other.
    return None if code in (0, 3) else _last_error(log, code)


def _settings(sweep: Sweep, point: Point) -> list[str]:
    cache = f"data.cache={(sweep.out / 'feature_cache').resolve()}"
    return [cache, *sweep.overrides, *point.overrides(sweep.out)]


def _other_recipe(sweep: Sweep, point: Point, run: RunFolder) -> str | None:
    """Why a finished run is not one of this sweep, or None."""
    settings = _settings(sweep, point)
    if sweep.data is not None:
        settings.append(f"data.root={json.dumps(str(sweep.data.resolve()))}")
    try:
        recipe = Workspace(load_recipe(sweep.recipe, settings), run.path).resolved()
        changed = differing_keys(run.recipe(), recipe)
    except DssdError as error:
        return str(error)
    if not changed:
        return None
    return (
        f"{run.path} holds a run of another recipe (differs in {', '.join(changed)}) — choose "
        "another --out, or remove it"
    )


def _environment(processes: int) -> Mapping[str, str]:
    """Each of several runs has its share of the cores."""
    if processes == 1:
        return os.environ
    share = str(max(1, available_cores() // processes))
    names = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {**os.environ, **dict.fromkeys(names, share)}


def _last_error(log: Path, code: int) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line.removeprefix("dssd: error: ") for line in lines if "dssd: error: " in line]
    return errors[-1] if errors else f"exit code {code}"


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
        run = RunFolder(sweep.out / point.name)
        if set(STAGES) <= set(run.finished()):
            rows += result_rows(run, point)
    table = pd.DataFrame(rows)
    settings = sorted({key for row in rows for key in row if key.startswith("set ")})
    table = table.reindex(columns=[*FIRST, *settings, *FIGURES])
    write_csv(sweep.csv, table)
    return table
