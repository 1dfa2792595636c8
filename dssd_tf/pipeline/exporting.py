"""The microcontroller bundle of a run, a preset or a model file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data import AudioConfig, ClipReader
from dssd_tf.deployment import FrontEnd, write_mcu_bundle
from dssd_tf.errors import DataError, ModelError, RunError
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.presets import is_preset
from dssd_tf.presets.config import INT8_FILE, read_preset_config
from dssd_tf.recipe import Recipe


@dataclass(frozen=True)
class _Source:
    """A model's file, and what is known of its inputs and outputs."""

    model: Path
    classes: tuple[str, ...] = ()
    front_end: FrontEnd | None = None


def export_mcu(
    target: Path,
    folder: Path,
    *,
    recipe: Recipe | None = None,
    audio: Sequence[Path] = (),
    vectors: int = 4,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write the bundle; see `write_mcu_bundle`.

    Args:
        target: The folder of a run or a preset, or a .tflite file. A file in such a folder goes
            by it.
        folder: The bundle's folder.
        recipe: What a .tflite file was trained with, where no folder tells it.
        audio: Recordings whose first whole clip becomes a golden input each.
        vectors: Number of golden inputs where no recordings are given.
        overwrite: Replace an earlier bundle.

    Raises:
        RunError: The target is none of these, or a run that has no int8 model yet.
        ModelError: The model cannot be exported; see `write_mcu_bundle`.
        DataError: A recording cannot be read or is shorter than a clip.
    """
    source = _source(target, recipe)
    clips = None
    if audio:
        if source.front_end is None:
            raise ModelError(
                "its front end is not known, so recordings cannot be turned into inputs",
                path=source.model,
                fix="give the recipe it was trained with by --recipe",
            )
        clips = np.stack([_first_clip(path, source.front_end) for path in audio])
    return write_mcu_bundle(
        source.model,
        folder,
        classes=source.classes,
        front_end=source.front_end,
        clips=clips,
        vectors=vectors,
        overwrite=overwrite,
    )


def _source(target: Path, recipe: Recipe | None) -> _Source:
    if target.is_dir():
        if recipe is not None:
            raise RunError(
                "is a folder, which goes by its own settings", path=target, fix="leave --recipe out"
            )
        return _folder_source(target)
    if recipe is not None:
        return _recipe_source(target, recipe)
    beside = target.parent
    if target.name == INT8_FILE and (is_preset(beside) or RunFolder(beside).recipe_file.is_file()):
        return _folder_source(beside)
    return _Source(target)


def _folder_source(folder: Path) -> _Source:
    if is_preset(folder):
        config = read_preset_config(folder)
        model = folder / INT8_FILE
        if not model.is_file():
            raise ModelError(
                f"has no {INT8_FILE}", path=folder, fix="save it from a run that quantizes"
            )
        names = (*config.classes, *config.coarse_classes)
        return _Source(model, names, FrontEnd(config.features, config.clip_seconds))
    run = RunFolder.existing(folder, or_preset=True)
    return _recipe_source(run.require(run.int8_model, "quantize"), run.recipe())


def _recipe_source(model: Path, recipe: Recipe) -> _Source:
    front_end = FrontEnd(recipe.features, recipe.data.clip_seconds)
    return _Source(model, tuple(recipe.data.classes or ()), front_end)


def _first_clip(path: Path, front_end: FrontEnd) -> NDArray[np.int16]:
    lenient = AudioConfig(sampling_rate_mismatch="resample", multichannel="downmix")
    waveform = ClipReader(front_end.config.sampling_rate, None, lenient)(path)
    if waveform.size < front_end.samples:
        raise DataError(
            f"lasts {waveform.size / front_end.config.sampling_rate:.2f} s, shorter than a clip of "
            f"{front_end.clip_seconds:g} s",
            path=path,
        )
    steps = np.round(waveform[: front_end.samples].astype(np.float64) * 32768)
    return np.clip(steps, -32768, 32767).astype(np.int16)
