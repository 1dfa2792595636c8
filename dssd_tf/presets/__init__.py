"""Presets: a folder with a network, its weights and all it takes to classify a recording.

The names load on first use: a preset's settings are read without TensorFlow.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dssd_tf.presets.classifier import Classifier
    from dssd_tf.presets.classifier_opening import open_classifier
    from dssd_tf.presets.config import PresetConfig, is_preset, read_preset_config
    from dssd_tf.presets.dsmn_import import import_dsmn
    from dssd_tf.presets.preset import Preset, from_preset
    from dssd_tf.presets.saving import save_to_preset
    from dssd_tf.presets.stream_classifier import StreamClassifier, StreamedClip

__all__ = [
    "Classifier",
    "Preset",
    "PresetConfig",
    "StreamClassifier",
    "StreamedClip",
    "from_preset",
    "import_dsmn",
    "is_preset",
    "open_classifier",
    "read_preset_config",
    "save_to_preset",
]

_HOMES = {
    "Classifier": "classifier",
    "Preset": "preset",
    "PresetConfig": "config",
    "StreamClassifier": "stream_classifier",
    "StreamedClip": "stream_classifier",
    "from_preset": "preset",
    "import_dsmn": "dsmn_import",
    "is_preset": "config",
    "open_classifier": "classifier_opening",
    "read_preset_config": "config",
    "save_to_preset": "saving",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
