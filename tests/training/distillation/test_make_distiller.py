"""From the recipe to the distiller."""

from collections.abc import Callable

import keras
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.training.distillation import DistillationConfig
from dssd_tf.training.distillation.make_distiller import make_distiller

CLASSES = ("park", "bus", "tram", "airport")
GROUPS = {"outside": ("park",), "inside": ("bus", "tram", "airport")}


def test_every_setting_arrives(network: Callable[..., keras.Model]) -> None:
    config = DistillationConfig.model_validate(
        {
            "teachers": ["a"],
            "teacher_weights": [2],
            "average": "probabilities",
            "temperature": 3,
            "weight": 0.8,
            "schedule": {"name": "linear", "start": 0.2, "epochs": 2},
            "loss": "categorical_crossentropy",
            "features": [{"student_layer": "conv", "teacher_layer": "conv", "loss": "cosine"}],
            "coarse": {"groups": GROUPS, "weight": 0.5},
            "combine": "pcgrad",
        }
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    student = network(1, outputs=6)
    found = make_distiller(
        config,
        student,
        [network(2)],
        classes=CLASSES,
        student_loss=loss,
        epochs=9,
        steps_per_epoch=10,
        seed=5,
    )
    distillation = found.distillation_loss
    assert found.student is student and found.student_loss is loss
    assert (distillation.temperature, distillation.average) == (3.0, "probabilities")
    assert (distillation.divergence, distillation.teacher_weights) == (config.loss, [2.0])
    schedule = found.distillation_weight
    assert schedule.get_config() == {"start": 0.2, "end": 0.8, "steps": 20, "shape": "linear"}
    assert [(p.student_layer, p.loss) for p in found.feature_distillation] == [("conv", "cosine")]
    assert found.coarse.membership == [[1, 0], [0, 1], [0, 1], [0, 1]]
    assert (found.coarse_weight, found.combine, found.seed) == (0.5, "pcgrad", 5)


def test_a_schedule_lasts_the_training_by_default(network: Callable[..., keras.Model]) -> None:
    config = DistillationConfig.model_validate({"bank": "b", "schedule": {"name": "cosine"}})
    made = make_distiller(config, network(), [], classes=CLASSES, epochs=4, steps_per_epoch=5)
    assert made.distillation_weight.steps == 20


def test_scenes_without_a_coarse_class_are_told(network: Callable[..., keras.Model]) -> None:
    config = DistillationConfig.model_validate({"weight": 0, "coarse": {"groups": GROUPS}})
    with pytest.raises(ModelError, match="'metro' belongs to no coarse class"):
        make_distiller(
            config, network(), [], classes=("park", "metro"), epochs=1, steps_per_epoch=1
        )
