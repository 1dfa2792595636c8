"""The folder of a run: where each file lies, and which stages are finished."""

import datetime
from pathlib import Path
from typing import Any

from dssd_tf.errors import RunError
from dssd_tf.files import read_json, write_json
from dssd_tf.recipe import Recipe, load_recipe
from dssd_tf.report.outdated import outdated
from dssd_tf.report.schema import Stage
from dssd_tf.systems import deployed_system


class RunFolder:
    """A run's folder; see docs/architecture.md for what it holds.

    Args:
        path: The folder; it need not exist yet.
    """

    def __init__(self, path: Path | str):
        self.path = Path(path)
        self.recipe_file = self.path / "recipe.yaml"
        self.environment = self.path / "environment.json"
        self.training = self.path / "training"
        self.history = self.path / "history.csv"
        self.float_model = self.path / "model.keras"
        self.int8_model = self.path / "model_int8.tflite"
        self.float16_model = self.path / "model_float16.tflite"
        self.fine_tuning = self.path / "qat"
        self.twin = self.fine_tuning / "twin"
        self.fine_tuning_history = self.path / "history_qat.csv"
        self.quantization = self.path / "quantization.json"
        self.predictions = self.path / "predictions.csv"
        self.evaluation_predictions = self.path / "predictions_evaluation.csv"
        self.evaluation_set = self.path / "evaluation_set.json"
        self.evaluation_parts = self.path / "evaluation"
        self.metrics = self.path / "metrics.json"
        self.parity = self.path / "parity.json"
        self.mistakes = self.path / "mistakes"
        self.explanations = self.path / "explanations"
        self.complexity = self.path / "complexity.json"
        self.energy = self.path / "energy.json"
        self.submission = self.path / "submission"
        self.report = self.path / "report.html"
        self._stages = self.path / "stages.json"

    @classmethod
    def existing(cls, path: Path | str, *, or_preset: bool = False) -> "RunFolder":
        """A folder that holds a run.

        Args:
            path: The folder.
            or_preset: Whether a preset, which the caller has looked for, would do as well.

        Raises:
            RunError: It does not.
        """
        run = cls(path)
        if not run.recipe_file.is_file():
            no_preset = " and not a preset (no preset.json)" if or_preset else ""
            raise RunError(
                f"is not a run's folder (no recipe.yaml){no_preset}",
                path=path,
                fix="make one with `dssd run RECIPE --out DIR`",
            )
        return run

    def recipe(self) -> Recipe:
        """The resolved recipe."""
        return load_recipe(self.recipe_file)

    def quantized_models(self) -> dict[str, Path]:
        """By system, the quantized models that there are."""
        files = {"float16": self.float16_model, "int8": self.int8_model}
        return {system: file for system, file in files.items() if file.is_file()}

    def deployed_model(self) -> tuple[str, Path]:
        """The system that is submitted and judged, and its file.

        Raises:
            RunError: The run has no model yet, or was quantized and has lost that model.
        """
        if self.quantization.is_file():
            wanted = {"none": None, "float16": self.float16_model}
            file = wanted.get(self.quantization_method(), self.int8_model)
            if file is not None:
                self.require(file, "quantize")
        files = {"float": self.require(self.float_model, "train"), **self.quantized_models()}
        system = deployed_system(files)
        return system, files[system]

    def quantization_method(self) -> str:
        """The method that was used last; before, that of the recipe."""
        if self.quantization.is_file():
            return str(read_json(self.quantization)["method"])
        return self.recipe().quantization.method

    def finished(self) -> dict[str, Any]:
        """The finished stages, each with its duration and time."""
        return read_json(self._stages) if self._stages.is_file() else {}

    def mark_finished(self, stage: str, seconds: float) -> None:
        """Note that a stage is done; it does not unmark the stages behind it."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        write_json(
            self._stages,
            {**self.finished(), stage: {"seconds": round(seconds, 2), "finished": now}},
        )

    def require(self, file: Path, stage: str) -> Path:
        """`file` if it exists and is no older than the model that it tells of.

        Raises:
            RunError: It does not, or is; the message names the command that makes it.
        """
        if not file.exists():
            # A run that was stopped in training has no later stage to begin with.
            trained = "train" in self.finished() or self.float_model.is_file()
            fix = f"run `dssd {stage} {self.path}` first"
            if not trained:
                fix = f"the run is not trained yet: go on with it by `dssd run {self.path}`"
            raise RunError("has not been made yet", path=file, fix=fix)
        stages = {name: Stage.model_validate(done) for name, done in self.finished().items()}
        if (maker := outdated(stages).get(stage)) is not None:
            raise RunError(
                f"is older than the model: {maker} was done again after it",
                path=file,
                fix=f"run `dssd {stage} {self.path}` again",
            )
        return file
