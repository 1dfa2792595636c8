"""Knowledge distillation: what a recipe says about it; the modules hold the rest.

`Distiller` is in `dssd_tf.training.distillation.distiller`, so that a recipe can be read without
loading Keras.
"""

from dssd_tf.training.distillation.coarse_classes import CoarseClasses
from dssd_tf.training.distillation.config import (
    DistillationConfig,
    FeatureDistillationConfig,
    WeightScheduleConfig,
)

__all__ = [
    "CoarseClasses",
    "DistillationConfig",
    "FeatureDistillationConfig",
    "WeightScheduleConfig",
]
