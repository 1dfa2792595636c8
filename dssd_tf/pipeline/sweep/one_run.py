"""One run of a sweep, in a process of its own."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dssd_tf.data.processes import available_cores
from dssd_tf.errors import DssdError
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.sweep.points import Point
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import say
from dssd_tf.recipe import load_recipe
from dssd_tf.recipe.loading import differing_keys, tell_differences

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
        stages: What each run does.
    """

    recipe: Path
    points: Sequence[Point]
    out: Path
    csv: Path
    data: Path | None = None
    overrides: Sequence[str] = ()
    stages: Sequence[str] = STAGES


def do_run(sweep: Sweep, point: Point, processes: int, stop: threading.Event) -> str | None:
    """Do a run in a process of its own, unless it is finished.

    Args:
        sweep: What it belongs to.
        point: The run.
        processes: How many are run at a time; they share the cores.
        stop: Ends the process when it is set.

    Returns:
        Why the run failed, or None.
    """
    run = RunFolder(sweep.out / point.name)
    if stop.is_set():
        return "stopped"
    if is_finished(sweep, point):
        return other_recipe(sweep, point)
    log = sweep.out / "logs" / f"{point.name}.log"
    say(f"{point.name}: started, tells of itself in {log}")
    log.parent.mkdir(parents=True, exist_ok=True)
    data = [] if sweep.data is None else ["--data", str(sweep.data)]
    command = [sys.executable, "-m", "dssd_tf", "run", str(sweep.recipe), *data]
    command += [part for setting in point_settings(sweep, point) for part in ("--set", setting)]
    command += ["--out", str(run.path), "--resume", "--stages", ",".join(sweep.stages)]
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


def point_settings(sweep: Sweep, point: Point) -> list[str]:
    cache = f"data.cache={(sweep.out / 'feature_cache').resolve()}"
    return [cache, *sweep.overrides, *point.overrides(sweep.out)]


def run_settings(sweep: Sweep, point: Point) -> list[str]:
    """All that is laid over the recipe for a run, the data's folder included."""
    settings = point_settings(sweep, point)
    if sweep.data is not None:
        settings.append(f"data.root={json.dumps(str(sweep.data.resolve()))}")
    return settings


def point_workspace(sweep: Sweep, point: Point) -> Workspace:
    """The data of a run.

    Raises:
        DssdError: The recipe or a setting is wrong, or the data cannot be used.
    """
    recipe = load_recipe(sweep.recipe, run_settings(sweep, point))
    return Workspace(recipe, sweep.out / "feature_cache")


def is_finished(sweep: Sweep, point: Point) -> bool:
    """Whether a run has done all its stages."""
    return set(sweep.stages) <= set(RunFolder(sweep.out / point.name).finished())


def other_recipe(sweep: Sweep, point: Point) -> str | None:
    """Why a finished run is not one of this sweep, or None."""
    run = RunFolder(sweep.out / point.name)
    try:
        recipe = point_workspace(sweep, point).resolved()
        there = run.recipe()
    except DssdError as error:
        return str(error)
    if not differing_keys(there, recipe):
        return None
    return (
        f"{run.path} holds a run of another recipe ({tell_differences(there, recipe)}) — choose "
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
