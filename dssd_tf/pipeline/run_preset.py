"""A preset from a finished run."""

from pathlib import Path
from typing import Any

from dssd_tf.errors import RunError
from dssd_tf.models import load_model
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.presets import PresetConfig, save_to_preset
from dssd_tf.presets.config import make_preset_config
from dssd_tf.recipe import Recipe
from dssd_tf.report.run import read_run
from dssd_tf.report.schema import SystemComplexity, SystemMetrics
from dssd_tf.version import __version__

_COSTS = ("parameters", "size_bytes", "macs_torchinfo", "macs_nessi_tflite")


def preset_from_run(
    run: RunFolder,
    folder: Path | str,
    *,
    licence: str | None = None,
    source: str | None = None,
    overwrite: bool = False,
) -> PresetConfig:
    """Write a preset from a run's models, its recipe and what was measured.

    Args:
        run: A run whose stages up to complexity are finished.
        folder: The preset's folder, see `save_to_preset`.
        licence: Licence of the weights.
        source: Attribution; None names the recipe.
        overwrite: Replace a preset.

    Raises:
        RunError: A file of the run is missing or damaged; the message names the command that
            makes it.
        ModelError: A model does not fit the recipe, or the folder may not be replaced.
    """
    recipe = run.recipe()
    path = run.require(run.float_model, "train")
    if run.quantization_method() in ("ptq", "qat"):
        run.require(run.int8_model, "quantize")
    metrics = _metrics(run, recipe)
    network = recipe.model_dump(mode="json")["model"]
    config = make_preset_config(
        {
            "network": network["name"],
            "network_options": network["options"],
            "features": recipe.features,
            "clip_seconds": recipe.data.clip_seconds,
            "classes": recipe.data.classes or (),
            "licence": licence,
            "source": source or f"trained with dssd_tf {__version__}, recipe {recipe.name!r}",
            "metrics": metrics,
        },
        run.recipe_file,
    )
    int8 = run.int8_model if run.int8_model.is_file() else None
    save_to_preset(folder, load_model(path), config, int8=int8, overwrite=overwrite)
    return config


def _metrics(run: RunFolder, recipe: Recipe) -> dict[str, Any]:
    """`{measured_on, float: {...}, int8: {...}}`: results and costs of each system."""
    run.require(run.metrics, "evaluate")
    run.require(run.complexity, "complexity")
    read = read_run(run.path)
    if tuple(read.metrics.classes) != recipe.data.classes:
        raise RunError(
            f"has the classes {', '.join(read.metrics.classes)}, the recipe has "
            f"{', '.join(recipe.data.classes or ())}",
            path=run.metrics,
            fix=f"run `dssd evaluate {run.path}` again",
        )
    costs = {} if read.complexity is None else read.complexity.by_name()
    systems = {
        name: _results(results) | _costs(costs.get(name))
        for name, results in read.metrics.by_name().items()
    }
    return {"measured_on": _measured_on(recipe), **systems}


def _measured_on(recipe: Recipe) -> str:
    data = recipe.data
    # The folder's name alone: where it lies is nobody else's business.
    name = data.root.name if data.root is not None else "the data set"
    part = f"fold {data.fold}" if data.split is None else f"split {data.split} %"
    text = f"test clips of {name}, {part}"
    return f"{text} (synthetic recordings: accuracies are no results)" if data.synthetic else text


def _results(metrics: SystemMetrics) -> dict[str, Any]:
    return metrics.model_dump(include={"samples", "macro_accuracy", "log_loss"})


def _costs(cost: SystemComplexity | None) -> dict[str, Any]:
    known = {} if cost is None else cost.model_dump(include=set(_COSTS))
    return {name: known[name] for name in _COSTS if known.get(name) is not None}
