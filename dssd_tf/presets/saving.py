"""Writing a preset: all its files at once or none."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dssd_tf.errors import ModelError
from dssd_tf.evaluation.predictor import TFLitePredictor
from dssd_tf.files import atomic_path, write_bytes, write_json, write_text
from dssd_tf.models import save_model
from dssd_tf.presets.card import model_card
from dssd_tf.presets.config import (
    CARD_FILE,
    CONFIG_FILE,
    INT8_FILE,
    MODEL_FILE,
    PresetConfig,
    is_preset,
)
from dssd_tf.presets.fit import require_fit, require_input, require_outputs

if TYPE_CHECKING:
    import keras

_FILES = {CONFIG_FILE, MODEL_FILE, INT8_FILE, CARD_FILE}


def save_to_preset(
    folder: Path | str,
    model: "keras.Model",
    config: PresetConfig,
    *,
    int8: Path | str | bytes | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a preset and return its folder.

    The folder is written beside its place and renamed, so that it is whole or not there. An old
    preset is moved aside until the new one stands.

    Args:
        folder: The preset's folder, which must not exist unless `overwrite` is given.
        model: Takes features (batch, time, frequency, channels), gives logits (batch, classes).
        config: Features, classes and what else is known.
        int8: The same network as `.tflite`: the file or its content.
        overwrite: Replace a preset; anything else is left alone.

    Raises:
        ModelError: The folder exists and may not be replaced, the model does not fit the
            features or classes (the message names both), or `int8` cannot be read.
        DssdError: The files cannot be written.
    """
    folder = Path(folder)
    _require_free(folder, overwrite)
    require_fit(model, config, model.name)
    content = None if int8 is None else _int8_content(int8, config)
    # Renaming takes the old preset away in one step, where removing it would leave halves.
    retired = folder.with_name(f".{folder.name}.replaced.tmp")
    try:
        with atomic_path(folder) as part:
            save_model(model, part / MODEL_FILE)
            write_json(part / CONFIG_FILE, config.model_dump(mode="json"))
            write_text(part / CARD_FILE, model_card(config))
            if content is not None:
                write_bytes(part / INT8_FILE, content)
            if folder.exists():
                shutil.rmtree(retired, ignore_errors=True)
                folder.rename(retired)
    except BaseException:
        if retired.exists() and not folder.exists():
            retired.rename(folder)
        raise
    shutil.rmtree(retired, ignore_errors=True)
    return folder


def _require_free(folder: Path, overwrite: bool) -> None:
    if not folder.exists():
        return
    if not is_preset(folder):
        raise ModelError("exists and is not a preset", path=folder, fix="choose another folder")
    others = sorted(path.name for path in folder.iterdir() if path.name not in _FILES)
    if others:
        raise ModelError(
            f"holds files that are no part of a preset ({', '.join(others[:3])})",
            path=folder,
            fix="choose another folder, or move them away",
        )
    if not overwrite:
        raise ModelError(
            "holds a preset already",
            path=folder,
            fix="choose another folder, or replace it with --overwrite (overwrite=True)",
        )


def _int8_content(int8: Path | str | bytes, config: PresetConfig) -> bytes:
    name = INT8_FILE if isinstance(int8, bytes) else str(int8)
    if not isinstance(int8, bytes):
        try:
            int8 = Path(int8).read_bytes()
        except OSError as error:
            raise ModelError(f"cannot be read ({error.strerror})", path=name) from error
    predictor = TFLitePredictor(int8, name=name)
    require_input(predictor.input_shape, config.input_shape, name)
    outputs = predictor(np.zeros((1, *config.input_shape), dtype=np.float32)).shape[1]
    require_outputs(outputs, config.classes, config.coarse_classes, name)
    return int8
