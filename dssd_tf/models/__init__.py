"""Networks, and the registry that makes them by name."""

from dssd_tf.models.baseline_2022 import Baseline2022
from dssd_tf.models.cp_mobile import CPMobile
from dssd_tf.models.cp_resnet import CPResNet
from dssd_tf.models.dsmn import DSMN
from dssd_tf.models.dssdn import DSSDN
from dssd_tf.models.registry import create_model, list_models, model_config
from dssd_tf.models.residual_dssdn import ResidualDSSDN
from dssd_tf.models.saving import load_model, load_weights, save_model

__all__ = [
    "DSMN",
    "DSSDN",
    "Baseline2022",
    "CPMobile",
    "CPResNet",
    "ResidualDSSDN",
    "create_model",
    "list_models",
    "load_model",
    "load_weights",
    "model_config",
    "save_model",
]
