"""Networks, and the registry that makes them by name."""

from dssd_tf.models import dsmn as _dsmn  # noqa: F401  (registers its networks)
from dssd_tf.models import dssdn as _dssdn  # noqa: F401  (registers its networks)
from dssd_tf.models.dsmn import DSMN
from dssd_tf.models.dssdn import DSSDN
from dssd_tf.models.registry import create_model, list_models, model_config
from dssd_tf.models.saving import load_model, save_model

__all__ = [
    "DSMN",
    "DSSDN",
    "create_model",
    "list_models",
    "load_model",
    "model_config",
    "save_model",
]
