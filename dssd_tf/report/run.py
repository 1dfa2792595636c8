"""What a run's folder holds, read once for the page and for the results sheet."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from dssd_tf.errors import RunError
from dssd_tf.files import read_json
from dssd_tf.report.parity_schema import Parity
from dssd_tf.report.schema import (
    Complexity,
    Environment,
    Explanations,
    Metrics,
    Mistakes,
    Stage,
    SystemMetrics,
)

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

HISTORY_COLUMNS = (
    "epoch",
    "learning_rate",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "seconds",
)
VALIDATION_COLUMNS = ("val_loss", "val_accuracy")
"""Absent where the recipe holds out no validation clips."""
PREDICTION_COLUMNS = ("filename", "device", "scene_label", "system", "predicted")


@dataclass(frozen=True)
class Run:
    """A run's folder in memory; a file that is not there is None."""

    folder: Path
    metrics: Metrics
    parity: Parity | None
    mistakes: Mistakes | None
    explanations: Explanations | None
    complexity: Complexity | None
    recipe_text: str | None
    recipe: dict[str, Any] | None
    environment: Environment | None
    stages: dict[str, Stage] | None
    history: pd.DataFrame | None
    predictions: pd.DataFrame | None

    @property
    def name(self) -> str:
        """The recipe's name, or the folder's."""
        name = (self.recipe or {}).get("name")
        return name if isinstance(name, str) and name else self.folder.resolve().name

    @property
    def synthetic(self) -> bool | None:
        """Whether the recipe says that its data is synthetic; None without a recipe."""
        if self.recipe is None:
            return None
        data = self.recipe.get("data")
        return isinstance(data, dict) and data.get("synthetic") is True

    @property
    def deployed(self) -> str:
        """The system that would be deployed: the quantized one if there is one, else `float`."""
        return list(self.metrics.by_name())[-1]

    @property
    def deployed_metrics(self) -> SystemMetrics:
        """The deployed system's results."""
        return self.metrics.by_name()[self.deployed]

    def mistake_file(self, name: str) -> bytes:
        """A picture or a recording that `mistakes` names.

        Raises:
            RunError: It cannot be read.
        """
        fix = f"make it again with `dssd evaluate {shlex.quote(str(self.folder))}`"
        return _content(self.folder / "mistakes" / name, fix)

    def explanation_file(self, name: str) -> bytes:
        """A picture or a recording that `explanations` names.

        Raises:
            RunError: It cannot be read.
        """
        path = self.folder / "explanations" / name
        return _content(path, f"explain the recording again, or remove {path.parent}")


def read_run(folder: Path) -> Run:
    """Read the files of a run's folder that a report needs.

    Raises:
        DssdError: The folder or `metrics.json` is missing, or a file that is there is damaged.
    """
    if not folder.is_dir():
        raise RunError("no such run folder", path=folder, fix="name the folder of a finished run")
    if not (folder / "metrics.json").is_file():
        fix = f"run `dssd evaluate {shlex.quote(str(folder))}` first"
        raise RunError("no such file", path=folder / "metrics.json", fix=fix)
    metrics = _read_checked(folder / "metrics.json", Metrics)
    recipe_text, recipe = _read_recipe(folder / "recipe.yaml")
    return Run(
        folder=folder,
        metrics=metrics,
        parity=_read_optional(folder / "parity.json", Parity),
        mistakes=_read_optional(folder / "mistakes" / "mistakes.json", Mistakes),
        explanations=_read_optional(folder / "explanations" / "explanations.json", Explanations),
        complexity=_read_optional(folder / "complexity.json", Complexity),
        recipe_text=recipe_text,
        recipe=recipe,
        environment=_read_optional(folder / "environment.json", Environment),
        stages=_read_optional(folder / "stages.json", dict[str, Stage]),
        history=_read_history(folder / "history.csv"),
        predictions=_read_predictions(folder / "predictions.csv", metrics),
    )


def _content(path: Path, fix: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RunError(f"cannot be read ({error.strerror})", path=path, fix=fix) from error


def _remedy(path: Path) -> str:
    makers = {
        "metrics.json": "evaluate",
        "predictions.csv": "evaluate",
        "parity.json": "evaluate",
        "complexity.json": "complexity",
    }
    if path.name in makers:
        command = f"dssd {makers[path.name]} {shlex.quote(str(path.parent))}"
        return f"make it again with `{command}`"
    return "restore it or move it away: the report does without it"


def _read_optional(path: Path, schema: type[T]) -> T | None:
    return _read_checked(path, schema) if path.is_file() else None


def _read_checked(path: Path, schema: type[T]) -> T:
    try:
        return TypeAdapter(schema).validate_python(read_json(path))
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        where = ".".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        if where:
            found = repr(first["input"])
            shown = found if len(found) <= 60 else f"{found[:57]}..."
            problem = f"{where} is {shown}: {problem}"
        if others:
            problem += f" (and {len(others)} more)"
        raise RunError(problem, path=path, fix=_remedy(path)) from error


def _read_recipe(path: Path) -> tuple[str | None, dict[str, Any] | None]:
    if not path.is_file():
        return None, None
    try:
        text = path.read_text(encoding="utf-8")
        recipe = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise RunError(f"is not valid YAML ({reason})", path=path, fix=_remedy(path)) from error
    if not isinstance(recipe, dict):
        raise RunError(
            f"holds a {type(recipe).__name__}, not a mapping",
            path=path,
            fix=_remedy(path),
        )
    return text, recipe


def _read_history(path: Path) -> pd.DataFrame | None:
    table = _read_table(path, HISTORY_COLUMNS, optional=VALIDATION_COLUMNS)
    if table is None or table.empty:
        return None
    import pandas as pd

    for column in HISTORY_COLUMNS:
        if column not in table:
            table[column] = float("nan")
            continue
        values = pd.to_numeric(table[column].replace("", "nan"), errors="coerce").astype(float)
        wrong = values.isna()
        if column != "epoch":
            wrong &= ~table[column].str.strip().str.lower().isin(["", "nan"])
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise RunError(
                f"{column} in row {row + 1} is {table[column].iloc[row]!r}, not a number",
                path=path,
                fix=_remedy(path),
            )
        table[column] = values
    return table


def _read_predictions(path: Path, metrics: Metrics) -> pd.DataFrame | None:
    table = _read_table(path, PREDICTION_COLUMNS)
    if table is None:
        return None
    for name, system in metrics.by_name().items():
        rows = int((table["system"] == name).sum())
        if rows != system.samples:
            raise RunError(
                f"holds {rows} rows of the {name} system where metrics.json counts "
                f"{system.samples}",
                path=path,
                fix=_remedy(path),
            )
    return table


def _read_table(
    path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> pd.DataFrame | None:
    """Some columns as text, as they stand: a device called `NA` is a name, not a gap."""
    if not path.is_file():
        return None
    import pandas as pd

    fix = _remedy(path)
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, usecols=lambda c: c in columns)
    except (ValueError, UnicodeDecodeError) as error:
        raise RunError(
            f"is not a CSV table ({' '.join(str(error).split())})", path=path, fix=fix
        ) from error
    absent = [column for column in columns if column not in {*table.columns, *optional}]
    if absent:
        raise RunError(f"has no column {absent[0]!r}", path=path, fix=fix)
    return table
