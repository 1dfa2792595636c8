"""From runs to the inference package that 2025 asks for."""

from collections.abc import Sequence
from pathlib import Path

from dssd_tf.challenge import Edition, read_entry
from dssd_tf.challenge.inference_package import (
    InferenceSystem,
    inference_limits,
    write_inference_package,
)
from dssd_tf.errors import PackageError
from dssd_tf.pipeline.objections import training_objections
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.system_runs import SystemRuns, group_runs
from dssd_tf.progress import warn


def package_inference(
    runs: Sequence[RunFolder], edition: Edition, entry_file: Path, out: Path
) -> Path:
    """Write the inference package of finished runs; `group_runs` says how they go together.

    It runs each run's deployed model; of a run that was not quantized, a float conversion.

    Args:
        runs: Runs with their models.
        edition: One that asks for inference code.
        entry_file: Names the team and numbers the systems.
        out: The folder for the package.

    Returns:
        The folder of the package.

    Raises:
        PackageError: The runs do not fit the edition, the entry or each other; the package is
            there already.
        RunError: A run has no model yet.
        ModelError: A float model cannot be converted.
    """
    inference_limits(edition)
    entry = read_entry(entry_file)
    groups = group_runs(runs, edition, len(entry.systems))
    if len(groups) != len(entry.systems):
        raise PackageError(
            f"the entry describes {len(entry.systems)} systems, but {len(groups)} are given",
            path=entry_file,
            fix="give the entry one item under 'systems' for each system",
        )
    for reason in training_objections(runs, edition):
        warn(reason)
    systems = [
        _system(group, described.number)
        for group, described in zip(groups, entry.systems, strict=True)
    ]
    return write_inference_package(systems, f"{entry.last_name}_{entry.institute}", edition, out)


def _system(runs: SystemRuns, number: int) -> InferenceSystem:
    recipe = runs.first.recipe()
    for run in runs.all:
        other = run.recipe()
        for what, own, general in (
            ("features", other.features, recipe.features),
            ("data.clip_seconds", other.data.clip_seconds, recipe.data.clip_seconds),
            ("data.classes", other.data.classes, recipe.data.classes),
        ):
            if own != general:
                raise PackageError(
                    f"has other {what} than {runs.first.path}",
                    path=run.path,
                    fix="train the models of devices with the recipe of the general one",
                )
    models: dict[str | None, bytes] = {None: _model(runs.first)}
    models |= {device: _model(run) for device, run in runs.by_device.items()}
    classes = recipe.data.classes or ()
    return InferenceSystem(
        number, models, recipe.features, recipe.data.clip_seconds, tuple(classes)
    )


def _model(run: RunFolder) -> bytes:
    system, file = run.deployed_model()
    if system != "float":
        return file.read_bytes()
    from dssd_tf.models import load_model
    from dssd_tf.quantization.float32 import convert_float32

    return convert_float32(load_model(file))
