"""Writing the inference package: a folder that is whole or not there."""

import json
from collections.abc import Sequence
from pathlib import Path

from dssd_tf.challenge.edition import Edition
from dssd_tf.challenge.inference_package.dummy_audio import dummy_clip, wav_file
from dssd_tf.challenge.inference_package.front_end_files import front_end_files
from dssd_tf.challenge.inference_package.model_files import ModelFiles, model_files
from dssd_tf.challenge.inference_package.names import PackageNames, package_names
from dssd_tf.challenge.inference_package.readme import readme
from dssd_tf.challenge.inference_package.runtime.complexity_check import EDITION
from dssd_tf.challenge.inference_package.sources import rendered, runtime_sources
from dssd_tf.challenge.inference_package.system import InferenceSystem
from dssd_tf.errors import PackageError
from dssd_tf.files import atomic_path

UNKNOWN = "unknown"
"""The id of a recording whose device is not told."""

_UNITS = {"bytes", "macs"}


def write_inference_package(
    systems: Sequence[InferenceSystem],
    team: str,
    edition: Edition,
    out_dir: Path | str,
) -> Path:
    """Write the inference code of one or more systems: a folder ``TEAM_task1_inference``.

    It holds an installable Python package ``TEAM_task1`` with the four functions the challenge
    calls in a module a system, models and front ends as data, and a torch twin of every model
    whose operators all have one. Hyphens of the team become underscores, since a module's name
    has none. The limits are not held against the models here: the package's own
    ``test_complexity.py`` does that. Source: DCASE 2025 Task 1, submission of inference code.

    Args:
        systems: Numbers and models.
        team: LastName_Institute, as in the label.
        edition: One that asks for inference code, 2025.
        out_dir: The folder for the package; made where it is not there.

    Returns:
        The folder that was written.

    Raises:
        PackageError: The folder exists, the edition asks for no inference code, the team or a
            number makes no label, a system has no general model or one of an unknown device.
        ModelError: A model is no .tflite file or fits not the features or the classes.
        DssdError: The folder cannot be written.
    """
    limits = inference_limits(edition)
    names = package_names(team, [system.number for system in systems], edition)
    target = Path(out_dir) / f"{names.package}_inference"
    if target.exists():
        raise PackageError("exists", path=target, fix="remove it, or name another folder")
    models: dict[int, ModelFiles] = {}
    for system in systems:
        system.require_whole(edition)
        models[system.number] = model_files(system)
    files = _data(systems, names, models)
    files |= runtime_sources(names.package)
    devices = [*sorted(edition.devices.names, key=_by_number), UNKNOWN]
    about = {"title": edition.title, "limits": limits, "devices": devices}
    files[f"{names.package}/{EDITION}"] = _json(about)
    files |= rendered(names)
    files["README.md"] = readme(names, systems, models, edition.title, limits)
    with atomic_path(target, keep_existing=True) as part:
        for name, content in files.items():
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return target


def inference_limits(edition: Edition) -> dict[str, int]:
    """The limits of a device's model by unit, of an edition that asks for inference code.

    Raises:
        PackageError: It asks for none, or has no limit of bytes or of MACs.
    """
    if not edition.device_models:
        raise PackageError(
            f"edition {edition.year} asks for no inference code", fix="give one that does, as 2025"
        )
    limits: dict[str, int] = {limit.unit: limit.value for limit in edition.limits}
    if missing := sorted(_UNITS - set(limits)):
        raise PackageError(
            f"edition {edition.year} has no limit of {missing[0]}", fix="name one in its limits"
        )
    return {unit: limits[unit] for unit in sorted(_UNITS)}


def _data(
    systems: Sequence[InferenceSystem], names: PackageNames, models: dict[int, ModelFiles]
) -> dict[str, bytes]:
    """The files of all systems, and a recording at the first one's rate."""
    files: dict[str, bytes] = {}
    for system in systems:
        clip = dummy_clip(system.features.sampling_rate, system.samples)
        folder = f"{names.package}/models/{system.number}"
        held = {
            **models[system.number].files,
            **front_end_files(system.features, system.samples, clip),
        }
        files |= {f"{folder}/{name}": content for name, content in held.items()}
        dummy = f"{names.package}/resources/dummy.wav"
        files.setdefault(dummy, wav_file(clip, system.features.sampling_rate))
    return files


def _by_number(device: str) -> tuple[str, int]:
    """For s2 to stand before s10."""
    letters = device.rstrip("0123456789")
    return letters, int(device[len(letters) :] or 0)


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
