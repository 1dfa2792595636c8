from collections.abc import Callable

import keras
import numpy as np
import pytest

from dssd_tf.training import TrainingConfig
from dssd_tf.training.computation import Computation
from dssd_tf.training.distillation import DistillationConfig
from dssd_tf.training.distillation.distiller import Distiller
from dssd_tf.training.start import Teaching, begin, give_teachers, network_of
from dssd_tf.training.step_functions import install_step_functions

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


def test_nothing_is_left_to_be_made_in_the_first_step(make_model: MakeModel) -> None:
    # A step that makes variables is traced twice, which takes seconds.
    model, traces = begin(make_model, TrainingConfig(), 4, None, 0), []
    step = model.train_step
    model.train_step = lambda data: traces.append(data) or step(data)
    install_step_functions(
        model,
        Computation("convolution", False),
        Computation("convolution", False),
        batch_size=2,
        evaluation_batch_size=2,
    )
    x = np.zeros((4, *model.input_shape[1:]), "float32")
    y = np.eye(model.output_shape[1], dtype="float32")[:1].repeat(4, axis=0)
    model.fit(x, y, batch_size=2, verbose=0)
    assert len(traces) == 1
