"""Measuring whatever has a complexity: a file, a run, a preset, a network of the registry."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dssd_tf.challenge import check_budget, load_edition
from dssd_tf.complexity import Complexity, measure
from dssd_tf.complexity.ensemble import add_up
from dssd_tf.errors import ModelError
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.presets import is_preset
from dssd_tf.presets.config import INT8_FILE, MODEL_FILE
from dssd_tf.systems import SYSTEMS, system_of


def measure_target(
    target: str, *, input_shape: Sequence[int] | None = None
) -> dict[str, Complexity]:
    """The complexity of each system of a target.

    Args:
        target: A `.keras` or `.tflite` file, the folder of a run or of a preset, or a network's
            name in the registry.
        input_shape: (time, frequency, channels), where a model leaves axes open, or for a
            network of the registry instead of its own.

    Raises:
        ModelError: The target is none of these, damaged, or of an open or other input shape.
        RunError: A run has no model yet.
    """
    path = Path(target)
    if path.is_dir():
        return {
            system: measure(file, input_shape=input_shape) for system, file in _files(path).items()
        }
    if path.suffix in (".keras", ".tflite"):
        return {system_of(path): measure(path, input_shape=input_shape)}
    from dssd_tf.models import create_model, list_models

    if target not in list_models() or path.exists():
        raise ModelError(
            "is no .keras or .tflite file, run's folder, preset's folder or network",
            path=target,
            fix=f"networks are {', '.join(list_models())}",
        )
    options = {} if input_shape is None else {"input_shape": tuple(input_shape)}
    return {"float": measure(create_model(target, **options))}


def measure_ensemble(
    targets: Sequence[str], *, input_shape: Sequence[int] | None = None
) -> dict[str, Complexity]:
    """The complexity of targets that answer together, of each system that all of them have.

    Raises:
        ModelError: See `measure_target`; or no system is in all of them.
    """
    members = [measure_target(target, input_shape=input_shape) for target in targets]
    shared = [name for name in SYSTEMS if all(name in member for member in members)]
    if not shared:
        had = "; ".join(f"{t}: {', '.join(m)}" for t, m in zip(targets, members, strict=True))
        raise ModelError(
            f"the models have no form in common ({had})", fix="give models of one form"
        )
    return {name: add_up([member[name] for member in members]) for name in shared}


def judge(complexity: dict[str, Any], year: int | None) -> dict[str, Any]:
    """`edition`, `checks` and `passed` of `complexity.json`; null where no edition is named.

    Raises:
        PackageError: The edition is unknown, or a model or measure that it judges is missing.
    """
    if year is None:
        return {"edition": None, "checks": [], "passed": None}
    checks = [dataclasses.asdict(c) for c in check_budget(load_edition(year), complexity)]
    return {"edition": year, "checks": checks, "passed": all(c["passed"] for c in checks)}


def _files(folder: Path) -> dict[str, Path]:
    if is_preset(folder):
        files = {"float": folder / MODEL_FILE, "int8": folder / INT8_FILE}
        return {system: file for system, file in files.items() if file.is_file()}
    run = RunFolder.existing(folder, or_preset=True)
    return {"float": run.require(run.float_model, "train"), **run.quantized_models()}
