"""The models of a system as files: each model once, with its torch twin where it has one."""

import io
import json
from dataclasses import dataclass, field

import numpy as np

from dssd_tf.challenge.inference_package.runtime.system_files import GENERAL, SETTINGS
from dssd_tf.challenge.inference_package.system import InferenceSystem


@dataclass(frozen=True)
class ModelFiles:
    """What is written for a system's models.

    Attributes:
        files: Content by name.
        stems: The stem of each device that has a model of its own.
        without_twin: Why there is no torch twin, by stem.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    stems: dict[str, str] = field(default_factory=dict)
    without_twin: dict[str, str] = field(default_factory=dict)


def model_files(system: InferenceSystem) -> ModelFiles:
    """The files of a system's models and ``system.json``, which tells the devices' models."""
    from dssd_tf.challenge.inference_package.tflite_reading import Untranslatable
    from dssd_tf.challenge.inference_package.translation import translate

    made = ModelFiles()
    stored: dict[bytes, str] = {}
    ordered = sorted(system.models.items(), key=lambda item: item[0] or "")
    for device, content in ordered:
        stem = stored.setdefault(content, device or GENERAL)
        if device is not None:
            made.stems[device] = stem
        if f"{stem}.tflite" in made.files:
            continue
        made.files[f"{stem}.tflite"] = content
        try:
            twin = translate(content)
        except Untranslatable as reason:
            made.without_twin[stem] = str(reason)
            continue
        held = io.BytesIO()
        np.savez_compressed(held, **twin.arrays)  # type: ignore[arg-type]
        made.files[f"{stem}.graph.json"] = json.dumps(twin.graph).encode()
        made.files[f"{stem}.weights.npz"] = held.getvalue()
    settings = {
        "format_version": 1,
        "classes": list(system.classes),
        "coarse_outputs": system.coarse_outputs,
        "models": made.stems,
        "without_twin": made.without_twin,
    }
    made.files[SETTINGS] = (json.dumps(settings, indent=2, ensure_ascii=False) + "\n").encode()
    return made
