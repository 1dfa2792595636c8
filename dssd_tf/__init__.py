"""Low-complexity acoustic scene classification in Keras, from recordings to a DCASE submission.

Importing this package is cheap: rooms (``dssd_tf.layers``, ``dssd_tf.models``, …) load on first
use, and TensorFlow with them. To reload a saved model that contains this package's layers,
import ``dssd_tf.layers`` first (it registers them with Keras) or call
``dssd_tf.models.load_model``.
"""

import importlib
from types import ModuleType

from dssd_tf.version import __version__

_ROOMS = (
    "layers",
    "models",
    "features",
    "data",
    "augmentation",
    "training",
    "quantization",
    "evaluation",
    "complexity",
    "presets",
    "challenge",
    "report",
    "recipe",
    "pipeline",
)

__all__ = ["__version__", *_ROOMS]


def __getattr__(name: str) -> ModuleType:
    if name in _ROOMS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
