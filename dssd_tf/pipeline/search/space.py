"""Which values a search may try."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from dssd_tf.config import Config
from dssd_tf.errors import RecipeError
from dssd_tf.recipe.loading import read_yaml

if TYPE_CHECKING:
    from optuna import Trial


class Choice(Config):
    """One of some values."""

    choices: tuple[Any, ...] = Field(min_length=1)

    def suggest(self, trial: "Trial", key: str) -> Any:
        """What the trial takes."""
        # By place: Optuna wants plain values, and a choice may be a list or a mapping.
        return self.choices[trial.suggest_categorical(key, list(range(len(self.choices))))]


class Range(Config):
    """A number of a range, both ends included; whole numbers if both ends are."""

    low: int | float
    high: int | float
    step: int | float | None = Field(None, gt=0)
    log: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> "Range":
        if not self.low < self.high:
            raise ValueError(f"low {self.low} is not below high {self.high}")
        if self.log and (self.step is not None or self.low <= 0):
            raise ValueError("log goes with low above 0 and without step")
        return self

    def suggest(self, trial: "Trial", key: str) -> int | float:
        """What the trial takes."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            step = 1 if self.step is None else int(self.step)
            return trial.suggest_int(key, self.low, self.high, step=step, log=self.log)
        return trial.suggest_float(key, self.low, self.high, step=self.step, log=self.log)


_SPACE: TypeAdapter[dict[str, Range | Choice]] = TypeAdapter(dict[str, Range | Choice])


def read_space(path: Path) -> dict[str, Range | Choice]:
    """Dotted keys with their values from YAML: a list, or ``{low, high, step, log}``.

    Raises:
        RecipeError: The file is missing, is not YAML or is of another form.
    """
    found = read_yaml(path)
    if not isinstance(found, dict) or not found:
        raise RecipeError("must map dotted keys to values", path=path)
    values = {
        str(key): {"choices": value} if isinstance(value, list) else value
        for key, value in found.items()
    }
    try:
        return _SPACE.validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise RecipeError(
            f"{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}",
            path=path,
            fix="give a list of values, or {low: …, high: …} with step or log",
        ) from error
