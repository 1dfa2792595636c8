"""The model card of a configuration: what its runs are, what they reached, for what it is."""

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from statistics import mean
from typing import Any

import pandas as pd

from dssd_tf.errors import RunError
from dssd_tf.files import read_json
from dssd_tf.markdown_table import markdown_table
from dssd_tf.models import model_config
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.run_words import run_in_words
from dssd_tf.pipeline.sweep.markdown import summary_markdown
from dssd_tf.pipeline.sweep.points import Point
from dssd_tf.pipeline.sweep.results import result_rows
from dssd_tf.pipeline.sweep.summary import summarise
from dssd_tf.recipe import Recipe, dump_recipe
from dssd_tf.recipe.loading import differing_keys
from dssd_tf.version import __version__

_MAY_DIFFER = {"data.fold", "seed", "distillation.teachers"}


def configuration_card(folder: Path) -> str:
    """Markdown text on a configuration of a sweep, from its runs alone.

    Args:
        folder: `OUT/CONFIGURATION` of the sweep, with its runs `foldN_seedN`.

    Raises:
        RunError: The folder holds no evaluated run, or runs that differ in more than fold, seed
            and teachers.
    """
    import jinja2

    runs = _evaluated(folder)
    points = [Point(folder.name, {}, run.recipe().data.fold, run.recipe().seed) for run in runs]
    rows = [row for run, point in zip(runs, points, strict=True) for row in result_rows(run, point)]
    metrics = [read_json(run.metrics) for run in runs]
    system, recipe = runs[0].deployed_model()[0], runs[0].recipe()
    scores = [each["systems"][system] for each in metrics]
    template = resources.files("dssd_tf.pipeline.sweep") / "card.md.j2"
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(template.read_text(encoding="utf-8")).render(
        name=folder.name,
        version=__version__,
        recipe=recipe,
        runs=len(runs),
        folds=sorted({point.fold for point in points}),
        seeds=sorted({point.seed for point in points}),
        classes=metrics[0]["classes"],
        trained_devices=metrics[0]["trained_devices"],
        system=system,
        measured=_when_and_where(runs),
        facts=markdown_table(("", ""), _facts(recipe, runs[0])),
        summary=summary_markdown(summarise(pd.DataFrame(rows), points, folder.parent)),
        by_class=_by_part("class", [score["class_wise"] for score in scores]),
        by_device=_by_part("device", [score["device_wise"] for score in scores]),
        yaml=_portable(recipe),
    )


def _evaluated(folder: Path) -> list[RunFolder]:
    """The configuration's runs."""
    runs: list[RunFolder] = []
    for path in sorted(folder.glob("fold*_seed*")):
        run = RunFolder(path)
        if "evaluate" not in run.finished():
            continue
        recipe = run.recipe()
        if path.name != f"fold{recipe.data.fold}_seed{recipe.seed}":
            raise RunError(f"is of fold {recipe.data.fold} and seed {recipe.seed}", path=path)
        if runs and (changed := set(differing_keys(runs[0].recipe(), recipe)) - _MAY_DIFFER):
            raise RunError(
                f"differs from {runs[0].path.name} in {', '.join(sorted(changed))}", path=path
            )
        runs.append(run)
    if not runs:
        raise RunError(
            "holds no evaluated run foldN_seedN",
            path=folder,
            fix="give OUT/CONFIGURATION of `dssd sweep`",
        )
    return runs


def _when_and_where(runs: Sequence[RunFolder]) -> str:
    found = [read_json(run.environment) for run in runs]
    days = sorted({environment["started"][:10] for environment in found})
    machines = sorted({f"{e['cpu_count']} CPUs of {e['processor']}" for e in found})
    return f"{' to '.join(dict.fromkeys((days[0], days[-1])))} on {'; '.join(machines)}"


def _facts(recipe: Recipe, run: RunFolder) -> Iterable[tuple[str, str]]:
    words, training = run_in_words(run), recipe.training
    yield "network", f"`{recipe.model.name}`: {model_config(recipe.model.name).summary}"
    if recipe.model.options:
        yield "options", ", ".join(f"{k}: {v}" for k, v in recipe.model.options.items())
    yield "input", f"{recipe.features.describe()}, clips of {recipe.data.clip_seconds:g} s"
    yield "classes", ", ".join(recipe.data.classes or ())
    yield "augmentation", words["data_augmentation"]
    yield (
        "training",
        f"{training.epochs} epochs, batches of {training.batch_size}, {training.optimizer.name}",
    )
    if recipe.distillation is not None:
        teachers = [path.parent.name for path in recipe.distillation.teachers]
        yield "teachers", ", ".join(teachers) or "a bank of logits"
    yield "deployment", words["complexity_management"] or "float"
    yield "framework", words["framework"]


def _by_part(head: str, runs: Sequence[Mapping[str, Any]]) -> str:
    """Accuracies by class or device, over the runs that have it."""
    found: dict[str, list[float]] = {}
    for parts in runs:
        for name, part in parts.items():
            found.setdefault(name, []).append(part["accuracy"])
    return markdown_table(
        (head, "accuracy", "least … most of a run"),
        [
            (name, f"{mean(values):.3f}", f"{min(values):.3f} … {max(values):.3f}")
            for name, values in found.items()
        ],
    )


def _portable(recipe: Recipe) -> str:
    """Without what is of one machine and one run."""
    data = recipe.data.model_copy(update={"root": None, "cache": None, "fold": 1})
    distillation = recipe.distillation
    if distillation is not None:
        distillation = distillation.model_copy(update={"teachers": (), "bank": None})
    changes = {"data": data, "distillation": distillation, "seed": 0}
    return dump_recipe(recipe.model_copy(update=changes)).rstrip()
