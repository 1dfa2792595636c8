"""What lies in the folder of a system: models by device, classes, front end."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dssd_tf.challenge.inference_package.runtime.errors import InferenceError
from dssd_tf.challenge.inference_package.runtime.front_end import FrontEnd

SETTINGS = "system.json"
GENERAL = "general"


@dataclass(frozen=True)
class SystemFiles:
    """The files of one system.

    Attributes:
        folder: Holds ``STEM.tflite`` and, where there is a torch twin, ``STEM.graph.json`` and
            ``STEM.weights.npz``.
        classes: Names of the classes in the order of the logits.
        stems: The stem of each device that has a model of its own.
        without_twin: Why there is no torch twin, by stem; empty where all models have one.
        general: The stem of the model of all other devices.
    """

    folder: Path
    classes: tuple[str, ...]
    stems: dict[str, str]
    without_twin: dict[str, str]
    front_end: FrontEnd
    general: str = GENERAL

    @property
    def all_stems(self) -> list[str]:
        """Every model's stem, once, the general one first."""
        return list(dict.fromkeys([self.general, *self.stems.values()]))

    def stem(self, device_id: Any) -> str:
        """The stem of a device's model; an unknown device gets the general one."""
        return self.stems.get(device_id, self.general)

    def model(self, stem: str) -> Path:
        """The model's file."""
        return self.folder / f"{stem}.tflite"

    def graph(self, stem: str) -> Path:
        """The torch twin's structure."""
        return self.folder / f"{stem}.graph.json"

    def weights(self, stem: str) -> Path:
        """The torch twin's constants."""
        return self.folder / f"{stem}.weights.npz"


def open_system(own: Path, model_file_path: Path | str | None = None) -> SystemFiles:
    """The files of a system.

    Args:
        own: The system's folder in the package.
        model_file_path: None for `own`; another folder of the same layout; or a .tflite file,
            which then is the model of every device, behind the front end of `own`.

    Raises:
        InferenceError: A file is missing or damaged.
    """
    given = own if model_file_path is None else Path(model_file_path)
    if given.is_file():
        files = _read(own)
        if given.suffix != ".tflite":
            raise InferenceError(f"is a {given.suffix or 'nameless'} file", path=given, fix=_GIVE)
        stem = given.stem
        found = SystemFiles(given.parent, files.classes, {}, {}, files.front_end, general=stem)
        if not (found.graph(stem).is_file() and found.weights(stem).is_file()):
            found.without_twin[stem] = "no graph and weights lie beside it"
        return found
    if not given.is_dir():
        raise InferenceError("no such file or folder", path=given, fix=_GIVE)
    return _read(given)


_GIVE = "give model_file_path a .tflite file, a folder as models/1, or None"


def _read(folder: Path) -> SystemFiles:
    try:
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        files = SystemFiles(
            folder=folder,
            classes=tuple(settings["classes"]),
            stems=dict(settings["models"]),
            without_twin=dict(settings["without_twin"]),
            front_end=FrontEnd.open(folder),
        )
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise InferenceError(
            f"is not a system's folder ({error})", path=folder, fix="unpack the package again"
        ) from error
    missing = [path for stem in files.all_stems if not (path := files.model(stem)).is_file()]
    if missing:
        raise InferenceError("no such model", path=missing[0], fix="unpack the package again")
    return files
