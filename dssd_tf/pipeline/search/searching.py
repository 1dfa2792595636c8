"""Trials of a search, one after the other."""

import importlib.util
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import yaml

from dssd_tf.errors import ModelError, RecipeError, RunError
from dssd_tf.files import write_text
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.search.limits import overruns
from dssd_tf.pipeline.search.space import Choice, Range
from dssd_tf.pipeline.sweep.one_run import Sweep, do_run, point_workspace
from dssd_tf.pipeline.sweep.points import Point
from dssd_tf.pipeline.sweep.results import write_csv
from dssd_tf.progress import bar, say

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

Objective = Literal["val_loss", "val_accuracy"]
STAGES = ("features", "train")
"""What a trial does. The test clips take no part: they would be chosen on."""

_OVER = "over"


@dataclass(frozen=True)
class Search:
    """A search and where it lies.

    Args:
        recipe: The recipe's file; it must hold out validation clips.
        space: What may be tried, by dotted key.
        out: Folder of the trials, their logs and the study.
        data: The dataset's folder; None for that of the recipe.
        overrides: Settings of all trials, as `--set` takes them.
        folds: Each trial is trained on all of them and judged by the mean.
        objective: Best value of the history that is looked for: the lowest or the highest.
        seed: Of the sampler and of the trainings.
    """

    recipe: Path
    space: Mapping[str, Range | Choice]
    out: Path
    data: Path | None = None
    overrides: Sequence[str] = ()
    folds: Sequence[int] = (1,)
    objective: Objective = "val_loss"
    seed: int = 0


def run_search(search: Search, trials: int) -> pd.DataFrame:
    """Try settings until there are so many trials, those of earlier commands included.

    Values come from the tree-structured Parzen estimator of Optuna (Akiba et al., KDD 2019), the
    edition's limits being hard constraints: a network that is over one is not trained. Written
    are `trials.csv` and, as a file of variants, `best.yaml`.

    Args:
        search: What is looked for, and where.
        trials: Their number.

    Returns:
        A row a trial: number, state, objective, overrun, settings.

    Raises:
        RunError: Optuna is not installed, the folder holds another search, or no trial came to
            an end.
        RecipeError: The recipe holds out no validation clips, or the space changes a setting
            that the search sets itself.
    """
    if importlib.util.find_spec("optuna") is None:
        raise RunError(
            "a search needs the package optuna, which is not installed",
            fix="pip install 'dssd_tf[search]'",
        )
    _check(search)
    study = _study(search)
    done = len([trial for trial in study.trials if trial.state.is_finished()])
    with bar("trials", trials) as advance:
        advance(min(done, trials))
        for _ in range(trials - done):
            trial = study.ask()
            _do(search, study, trial)
            _write(search, study)
            advance(1)
    table = _write(search, study)
    if not (table["state"] == "complete").any():
        raise RunError(
            "no trial came to an end",
            path=search.out / "trials.csv",
            fix="see logs/ beside it, or widen the space: all may be over a limit",
        )
    return table


def _check(search: Search) -> None:
    for key in ("data.fold", "seed"):
        if key in search.space:
            raise RecipeError(f"{key} is set by the search itself")
    sweep, point = _sweep(search), Point("check", {}, search.folds[0], search.seed)
    if point_workspace(sweep, point).recipe.data.validation_fraction == 0:
        raise RecipeError(
            "holds out no validation clips, by which trials are judged",
            path=search.recipe,
            fix="set data.validation_fraction=0.2",
        )


def _study(search: Search) -> "Study":
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    search.out.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        study_name="search",
        storage=JournalStorage(JournalFileBackend(str(search.out / "study.log"))),
        direction="minimize" if search.objective == "val_loss" else "maximize",
        load_if_exists=True,
    )
    asked: dict[str, Any] = {
        "objective": search.objective,
        "folds": list(search.folds),
        "seed": search.seed,
        "space": {key: values.model_dump(mode="json") for key, values in search.space.items()},
    }
    if study.user_attrs.get("search", asked) != asked:
        raise RunError(
            "holds a search of another space, objective, folds or seed",
            path=search.out,
            fix="choose another --out, or ask for the same",
        )
    study.set_user_attr("search", asked)
    # A sampler that began anew would draw once more what it drew in the trials before.
    seed = search.seed + len(study.trials)
    study.sampler = optuna.samplers.TPESampler(seed=seed, constraints_func=_constraints)
    return study


def _constraints(trial: "FrozenTrial") -> list[float]:
    return [trial.user_attrs.get(_OVER, 0.0)]


def _do(search: Search, study: "Study", trial: "Trial") -> None:
    from optuna.trial import TrialState

    settings = {key: values.suggest(trial, key) for key, values in search.space.items()}
    trial.set_user_attr("settings", yaml.safe_dump(settings, default_flow_style=True, width=10**6))
    sweep, name = _sweep(search), f"trial{trial.number:04d}"
    points = [Point(name, settings, fold, search.seed) for fold in search.folds]
    try:
        over = max(overruns(point_workspace(sweep, points[0])).values(), default=0.0)
    except (ModelError, RecipeError) as error:
        say(f"{name}: failed: {error}")
        study.tell(trial, state=TrialState.FAIL)
        return
    trial.set_user_attr(_OVER, over)
    if over > 0:
        say(f"{name}: over a limit by {over:.1%}, not trained")
        study.tell(trial, state=TrialState.PRUNED)
        return
    values = []
    for point in points:
        if (reason := do_run(sweep, point, 1, threading.Event())) is not None:
            say(f"{name}: failed: {reason}")
            study.tell(trial, state=TrialState.FAIL)
            return
        values.append(_best(RunFolder(search.out / point.name), search.objective))
    value = sum(values) / len(values)
    say(f"{name}: {search.objective} {value:.4f}")
    study.tell(trial, value)


def _best(run: RunFolder, objective: Objective) -> float:
    column = pd.read_csv(run.history)[objective]
    return float(column.min() if objective == "val_loss" else column.max())


def _sweep(search: Search) -> Sweep:
    csv = search.out / "trials.csv"
    return Sweep(search.recipe, (), search.out, csv, search.data, search.overrides, STAGES)


def _write(search: Search, study: "Study") -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for trial in study.trials:
        if "settings" not in trial.user_attrs:
            continue
        settings = yaml.safe_load(trial.user_attrs["settings"])
        row = {"trial": trial.number, "state": trial.state.name.lower()}
        row |= {search.objective: trial.value, "over": trial.user_attrs.get(_OVER)}
        rows.append(row | {f"set {key}": str(value) for key, value in settings.items()})
    columns = ["trial", "state", search.objective, "over", *(f"set {key}" for key in search.space)]
    table = pd.DataFrame(rows, columns=columns)
    write_csv(search.out / "trials.csv", table)
    complete = [trial for trial in study.trials if trial.value is not None]
    if complete:
        sign = 1 if search.objective == "val_loss" else -1
        best = min(complete, key=lambda trial: sign * (trial.value or 0.0))
        settings = yaml.safe_load(best.user_attrs["settings"])
        text = yaml.safe_dump({"best": settings}, sort_keys=False)
        write_text(search.out / "best.yaml", text)
    return table
