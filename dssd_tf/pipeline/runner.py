"""The road of a run: its stages in order, skipping what is finished."""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dssd_tf.errors import RunError
from dssd_tf.files import remove_leftovers, write_json, write_text
from dssd_tf.pipeline.checks import check_deployment, check_with_data
from dssd_tf.pipeline.environment import describe_environment
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.stages import (
    complexity,
    evaluate,
    features,
    package,
    quantize,
    report,
    train,
)
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import say, stage
from dssd_tf.recipe import Recipe, dump_recipe
from dssd_tf.recipe.loading import differing_keys, tell_differences


@dataclass(frozen=True)
class Stage:
    """One step of the road: it reads and writes the run's folder and returns remarks.

    Args:
        name: Also that of its command.
        title: For people.
        work: Does it.
        product: The file of a run, an attribute of `RunFolder`, without which it is not finished.
    """

    name: str
    title: str
    work: Callable[[RunFolder, Workspace], list[str]]
    product: str | None = None


STAGES = (
    Stage("features", "log-mel features", features.prepare),
    Stage("train", "training", train.train_model, "float_model"),
    Stage("quantize", "quantization", quantize.quantize_model),
    Stage("evaluate", "evaluation", evaluate.evaluate_models, "metrics"),
    Stage(
        "complexity",
        "complexity against the edition's limits",
        complexity.measure_models,
        "complexity",
    ),
    Stage("package", "submission package", package.package_run),
    Stage("report", "report", report.make_report, "report"),
)
"""The stages in order; each is also a command."""


def run_recipe(
    recipe: Recipe,
    out: Path,
    names: Sequence[str] | None = None,
    *,
    resume: bool = False,
    overwrite: bool = False,
) -> RunFolder:
    """Start a run in `out`, or go on with it, and do its stages: all, or the named ones.

    Raises:
        DssdError: The data's tables, the network, the edition or the entry cannot be used, or the
            edition judges a model that the recipe does not make (then `out` is not made), `out`
            holds something else, or a stage failed; the stages before it stay finished.
    """
    workspace = Workspace(recipe, out.parent / "feature_cache")
    resolved = workspace.resolved()
    check_with_data(workspace)
    if names is None or {"complexity", "package"} & set(names):
        check_deployment(recipe)
    run = start_run(resolved, out, resume=resume, overwrite=overwrite)
    execute(run, workspace, names)
    return run


def start_run(
    recipe: Recipe, out: Path, *, resume: bool = False, overwrite: bool = False
) -> RunFolder:
    """Open the run's folder for a recipe, making it if there is none.

    Raises:
        RunError: The folder holds a run and neither `resume` nor `overwrite` is given, holds a
            run of another recipe, or holds something else.
    """
    run = RunFolder(out)
    if run.recipe_file.is_file():
        if overwrite:
            shutil.rmtree(run.path)
        elif not resume:
            raise RunError(
                "holds a run already",
                path=out,
                fix="go on with it by --resume, start again with --overwrite, or choose another "
                "--out",
            )
        elif differing_keys(there := run.recipe(), recipe):
            raise RunError(
                f"holds a run of another recipe ({tell_differences(there, recipe)})",
                path=out,
                fix=f"go on with it as it was begun by `dssd run {out}`, or choose another --out; "
                "--overwrite removes it",
            )
        else:
            remove_leftovers(run.path)
            return run
    elif run.path.is_dir() and any(p != run.environment for p in run.path.iterdir()):
        raise RunError("is not empty and holds no run", path=out, fix="choose another --out")
    write_json(run.environment, describe_environment())
    write_text(run.recipe_file, dump_recipe(recipe))
    return run


def execute(
    run: RunFolder,
    workspace: Workspace,
    names: Sequence[str] | None = None,
    *,
    skip_finished: bool = True,
) -> None:
    """Run stages in order: all, or the named ones.

    Args:
        run: Its folder.
        workspace: Its data.
        names: None: all.
        skip_finished: Leave out what is finished, unless a stage before it was done again since.

    Raises:
        DssdError: A stage failed; the stages before it stay finished.
    """
    latest = ""
    for step in STAGES:
        finished = run.finished().get(step.name)
        if step.product is not None and not getattr(run, step.product).is_file():
            finished = None
        if names is not None and step.name not in names:
            latest = max(latest, finished["finished"] if finished else "")
            continue
        if skip_finished and finished and finished["finished"] >= latest:
            say(f"✓ {step.title}: finished {finished['finished']}")
            latest = finished["finished"]
            continue
        start = time.monotonic()
        with stage(step.title) as remarks:
            remarks += step.work(run, workspace)
        run.mark_finished(step.name, time.monotonic() - start)
        latest = run.finished()[step.name]["finished"]
