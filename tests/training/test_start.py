from collections.abc import Callable

import keras
import pytest

from dssd_tf.training import TrainingConfig
from dssd_tf.training.distillation import DistillationConfig
from dssd_tf.training.distillation.distiller import Distiller
from dssd_tf.training.start import Teaching, begin, give_teachers, network_of

MakeModel = Callable[[], keras.Model]


def test_labels_alone_train_the_network_itself(make_model: MakeModel) -> None:
    model = begin(make_model, TrainingConfig(label_smoothing=0.1), 4, None, 0)
    assert network_of(model) is model
    assert model.loss.label_smoothing == 0.1
    assert isinstance(model.optimizer, keras.optimizers.AdamW)


def test_teachers_put_a_distiller_around_it(make_model: MakeModel) -> None:
    config = DistillationConfig(teachers=("a", "b"), temperature=2, weight=0.25)
    teachers = [make_model(), make_model()]
    teaching = Teaching(config, ("x", "y", "z"), teachers)
    model = begin(make_model, TrainingConfig(label_smoothing=0.1, ema=0.9), 4, teaching, 5)
    assert isinstance(model, Distiller)
    assert network_of(model) is model.student
    assert (model.live_teachers, model.distillation_weight, model.seed) == (2, 0.25, 5)
    assert model.student_loss.label_smoothing == 0.1
    assert model.distillation_loss.temperature == 2
    assert model.optimizer.use_ema
    give_teachers(model, teaching)


def test_in_mixed_precision_the_loss_is_scaled(make_model: MakeModel) -> None:
    config = DistillationConfig(teachers=("a",))
    teaching = Teaching(config, ("x", "y", "z"), [make_model()])
    model = begin(make_model, TrainingConfig(precision="mixed_float16"), 4, teaching, 0)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert keras.config.dtype_policy().name == "float32"


def test_without_a_distiller_there_is_nobody_to_teach(make_model: MakeModel) -> None:
    model = begin(make_model, TrainingConfig(), 4, None, 0)
    give_teachers(model, None)
    with pytest.raises(AttributeError):
        give_teachers(model, Teaching(DistillationConfig(bank="b"), ("x", "y", "z")))
