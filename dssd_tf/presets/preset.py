"""A preset in memory, from its folder or from a name of the registry."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError
from dssd_tf.evaluation.predictor import KerasPredictor
from dssd_tf.features import LogMelConfig
from dssd_tf.models import create_model, list_models, load_model, model_config
from dssd_tf.presets.class_names import default_classes
from dssd_tf.presets.classifier import Classifier
from dssd_tf.presets.config import MODEL_FILE, PresetConfig, is_preset, read_preset_config
from dssd_tf.presets.fit import require_fit

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Preset:
    """A network with all it takes to classify a recording.

    Args:
        config: Features, classes, licence and what was measured.
        model: Takes features (batch, time, frequency, channels), gives logits (batch, outputs).
    """

    config: PresetConfig
    model: "keras.Model"

    def classify(self, waveform: NDArray[np.floating]) -> NDArray[np.float64]:
        """Probabilities (classes,) of a mono waveform (samples,), values in [-1, 1].

        The waveform has the sampling rate of `config.features` and lasts a clip or longer.

        Raises:
            DataError: See `Classifier.classify`.
        """
        return self._classifier.classify(waveform)

    def classify_file(self, path: Path | str) -> NDArray[np.float64]:
        """Probabilities (classes,) of a recording, resampled and down-mixed where needed.

        Raises:
            DataError: See `Classifier.classify_file`.
        """
        return self._classifier.classify_file(path)

    @cached_property
    def _classifier(self) -> Classifier:
        config = self.config
        return Classifier(
            KerasPredictor(self.model),
            config.features,
            config.clip_seconds,
            config.classes,
            config.coarse_classes,
        )


def from_preset(name_or_folder: Path | str, *, load_weights: bool = True) -> Preset:
    """A preset from its folder, or a fresh one of a network of the registry.

    Args:
        name_or_folder: A preset's folder, or a name of the registry. Of the registry's networks
            no weights are published: they need `load_weights=False`.
        load_weights: False gives random weights.

    Raises:
        ModelError: The folder is no preset or is damaged, its model does not fit its settings,
            the name is unknown, or a name's weights, features or classes are asked for and not
            known.
    """
    folder = Path(name_or_folder)
    named = isinstance(name_or_folder, str) and len(folder.parts) == 1
    if folder.is_dir() and (is_preset(folder) or name_or_folder not in list_models()):
        return _from_folder(folder, load_weights)
    if named and not folder.is_file():
        return _from_registry(str(name_or_folder), load_weights)
    problem = "is a file, not a preset" if folder.is_file() else "no such preset"
    raise ModelError(problem, path=folder, fix="give a preset's folder or a name of `dssd models`")


def _from_folder(folder: Path, load_weights: bool) -> Preset:
    config = read_preset_config(folder)
    model = read_model(folder / MODEL_FILE, config)
    if not load_weights:
        model = type(model).from_config(model.get_config())
    return Preset(config, model)


def read_model(path: Path, config: PresetConfig) -> "keras.Model":
    """A Keras model that fits a preset's settings.

    Raises:
        ModelError: It cannot be read or does not fit.
    """
    model = load_model(path)
    require_fit(model, config, path)
    return model


def _from_registry(name: str, load_weights: bool) -> Preset:
    entry = model_config(name)
    if load_weights:
        raise ModelError(
            f"no weights of {name!r} are published",
            fix="train it with `dssd run`, or take random weights with load_weights=False",
        )
    if entry.features is None:
        raise ModelError(
            f"the features that {name!r} takes are not known",
            fix="build it with create_model and give save_to_preset your own",
        )
    model = create_model(name)
    outputs = int(model.outputs[0].shape[-1])
    classes = default_classes(outputs)
    if classes is None:
        raise ModelError(
            f"the classes of the {outputs} outputs of {name!r} are not known",
            fix="build it with create_model and give save_to_preset their names",
        )
    config = PresetConfig(
        network=name,
        features=LogMelConfig(**entry.features),
        clip_seconds=entry.clip_seconds,
        classes=classes[0],
        coarse_classes=classes[1],
    )
    require_fit(model, config, name)
    return Preset(config, model)
