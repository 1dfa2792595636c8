"""The distiller under fit: what it equals, what it leaves alone, what counts."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.augmentation import Mixup
from dssd_tf.errors import ModelError
from dssd_tf.training.distillation.coarse_loss import CoarseLoss
from dssd_tf.training.distillation.distiller import Distiller
from dssd_tf.training.distillation.elements import fit_element
from dssd_tf.training.distillation.feature_distillation import FeatureDistillation
from dssd_tf.training.distillation.weight_schedule import WeightSchedule

Network = Callable[..., keras.Model]
COARSE = ((1, 0), (1, 0), (0, 1), (0, 1))


def _fit(
    distiller: Any, x: Any, y: Any, *, compiled: dict[str, Any] | None = None, **kw: Any
) -> Any:
    if not distiller.compiled:
        distiller.compile(keras.optimizers.SGD(0.1), metrics=["accuracy"], **(compiled or {}))
    settings = {"batch_size": 6, "epochs": 2, "verbose": 0, "shuffle": False, **kw}
    return distiller.fit(x, y, **settings).history


def _same(one: keras.Model, other: keras.Model, atol: float = 1e-6) -> None:
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=atol)


def test_one_teacher_trains_as_in_keras(network: Network, clips: tuple) -> None:
    ours = Distiller(network(1), [network(2, width=5)], temperature=3, distillation_weight=0.7)
    history = _fit(ours, *clips)
    theirs = keras.distillation.Distiller(
        network(2, width=5),
        network(1),
        keras.distillation.LogitsDistillation(3.0, keras.losses.KLDivergence()),
        student_loss_weight=0.3,
    )
    theirs.compile(
        keras.optimizers.SGD(0.1), keras.losses.CategoricalCrossentropy(from_logits=True)
    )
    expected = _fit(theirs, *clips)
    _same(ours.student, theirs.student, 1e-5)
    for name, same in (("loss", "total_loss"), ("distillation_loss", "distillation_loss")):
        np.testing.assert_allclose(history[name], expected[same], rtol=1e-4)


@pytest.mark.slow
def test_stored_logits_teach_as_the_live_teachers_do(network: Network, clips: tuple) -> None:
    x, y = clips
    teachers = [network(2), network(3)]
    logits = np.stack([teacher(x, training=False) for teacher in teachers], axis=1)
    settings: dict[str, Any] = {"average": "probabilities", "teacher_weights": (1, 3)}
    live = Distiller(network(1), teachers, **settings)
    stored = Distiller(network(1), **settings)
    both = Distiller(network(1), teachers[:1], **settings)
    _fit(live, x, y)
    _fit(stored, {"x": x, "teacher": logits}, y)
    _fit(both, {"x": x, "teacher": logits[:, 1]}, y)
    _same(live.student, stored.student)
    _same(live.student, both.student)


def test_mixed_stored_logits_train_on_the_mixed_divergence(network: Network, clips: tuple) -> None:
    x, y = clips
    batch = {"x": tf.constant(x), "y": tf.constant(y), "teacher": tf.constant(5 * y)}
    mixed = Mixup(alpha=1.0)(batch, seed=tf.constant([3, 4]))
    distiller = Distiller(network(1), distillation_weight=1.0)
    found = _fit(distiller, tf.data.Dataset.from_tensors(fit_element(mixed)), None, epochs=1)
    expected = keras.losses.KLDivergence()(
        tf.nn.softmax(5 * mixed["y"]), tf.nn.softmax(network(1)(mixed["x"]))
    )
    assert np.abs(mixed["y"] - y).max() > 0.01
    np.testing.assert_allclose(found["distillation_loss"][0], expected, rtol=1e-4)


def test_teachers_never_change_and_are_no_part_of_it(network: Network, clips: tuple) -> None:
    teacher, student = network(2, norm=True, dropout=0.5), network(1)
    before = teacher.get_weights()
    distiller = Distiller(student, [teacher])
    _fit(distiller, *clips)
    for a, b in zip(before, teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert teacher.trainable
    trained = [id(v) for v in distiller.trainable_variables]
    assert trained == [id(v) for v in student.trainable_variables]
    assert {id(v) for v in distiller.variables}.isdisjoint({id(v) for v in teacher.variables})


@pytest.mark.slow
@pytest.mark.parametrize("combine", ["sum", "pcgrad"])
def test_every_way_to_run_trains_the_same(network: Network, clips: tuple, combine: str) -> None:
    trained = []
    for mode in ({"jit_compile": False}, {"jit_compile": True}, {"run_eagerly": True}):
        distiller = Distiller(
            network(1, outputs=6), [network(2)], coarse=CoarseLoss(COARSE), combine=combine
        )
        _fit(distiller, *clips, compiled=mode)
        trained.append(distiller.student)
    _same(trained[0], trained[1], 1e-5)
    _same(trained[0], trained[2], 1e-5)


def test_mixed_precision_trains(network: Network, clips: tuple) -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        pair = FeatureDistillation("conv", "conv")
        distiller = Distiller(
            network(1), [network(2, width=5)], feature_distillation=[pair], name="half"
        )
        history = _fit(distiller, *clips, epochs=4)
        assert type(distiller.optimizer).__name__ == "LossScaleOptimizer"
    finally:
        keras.config.set_dtype_policy(before)
    assert all(np.isfinite(values).all() for values in history.values())
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.slow
def test_a_sample_weight_of_zero_takes_a_clip_out_of_every_term(
    network: Network, clips: tuple
) -> None:
    x, y = clips
    weight = np.array([2.0, 0.0] * 6, np.float32)

    def make() -> Distiller:
        pairs = [FeatureDistillation("conv", "conv")]
        coarse = CoarseLoss(COARSE)
        return Distiller(network(1), [network(2)], feature_distillation=pairs, coarse=coarse)

    # A mean over twice the clips, half of them of weight 2, is the mean over that half.
    weighted, half = make(), make()
    history = _fit(weighted, x, y, sample_weight=weight, batch_size=12)
    expected = _fit(half, x[::2], y[::2])
    _same(weighted.student, half.student)
    for name in ("student_loss", "distillation_loss", "feature_loss", "coarse_loss"):
        np.testing.assert_allclose(history[name], expected[name], rtol=1e-5)


def test_class_weights_are_sample_weights_with_stored_logits_too(
    network: Network, clips: tuple
) -> None:
    x, y = clips
    inputs = {"x": x, "teacher": 4 * y[:, ::-1]}
    by_class, by_sample = Distiller(network(1)), Distiller(network(1))
    class_weight = {0: 0.5, 1: 2.0, 2: 0.0, 3: 1.0}
    data = tf.data.Dataset.from_tensor_slices((inputs, y)).batch(6)
    _fit(by_class, data, None, batch_size=None, class_weight=class_weight)
    weight = np.array([class_weight[c] for c in y.argmax(-1)], np.float32)
    _fit(by_sample, inputs, y, sample_weight=weight)
    _same(by_class.student, by_sample.student)


def test_the_weight_follows_its_schedule(network: Network, clips: tuple) -> None:
    schedule = WeightSchedule(0.0, 1.0, 2, "linear")
    distiller = Distiller(network(1), [network(2)], distillation_weight=schedule)
    history = _fit(distiller, *clips, batch_size=12, epochs=3)
    weights = np.array([0.0, 0.5, 1.0])
    expected = (1 - weights) * history["student_loss"] + weights * history["distillation_loss"]
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)


@pytest.mark.slow
def test_features_are_pulled_towards_the_teachers(network: Network, clips: tuple) -> None:
    pairs = [
        FeatureDistillation("conv", "conv", weight=20.0),
        FeatureDistillation("conv", "conv", loss="cosine", teacher=1),
    ]
    teachers = [network(2, width=5, strides=2), network(3)]
    distiller = Distiller(network(1), teachers, distillation_weight=0.9, feature_distillation=pairs)
    history = _fit(distiller, *clips, epochs=8)
    assert history["feature_loss"][-1] < 0.7 * history["feature_loss"][0]
    names = {v.path for v in distiller.trainable_variables}
    assert sum("projection" in name for name in names) == 2
    assert not any("projection" in v.path for v in distiller.student.variables)


@pytest.mark.slow
@pytest.mark.parametrize("outputs", [4, 6])
def test_metrics_and_evaluation_see_the_scenes_alone(
    network: Network, clips: tuple, outputs: int
) -> None:
    x, y = clips
    distiller = Distiller(
        network(1, outputs=outputs), [network(2)], coarse=CoarseLoss(COARSE), coarse_weight=0.5
    )
    history = _fit(distiller, x, y, validation_data=(x, y))
    assert set(history) == {
        *("loss", "accuracy", "student_loss", "distillation_loss", "coarse_loss"),
        *("val_loss", "val_accuracy", "val_student_loss", "val_coarse_loss"),
    }
    logits = distiller.predict(x, verbose=0)
    assert logits.shape == (12, outputs)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)(y, logits[:, :4])
    np.testing.assert_allclose(history["val_loss"][-1], loss, rtol=1e-5)
    accuracy = (logits[:, :4].argmax(-1) == y.argmax(-1)).mean()
    np.testing.assert_allclose(history["val_accuracy"][-1], accuracy, rtol=1e-6)


def test_penalties_of_layers_belong_to_the_loss(network: Network, clips: tuple) -> None:
    inputs = keras.Input(clips[0].shape[1:])
    kernel = keras.regularizers.L2(0.1)
    x = keras.layers.Dense(4, kernel_regularizer=kernel)(keras.layers.Flatten()(inputs))
    student = keras.Model(inputs, x)
    penalty = float(student.losses[0])
    distiller = Distiller(
        student, coarse=CoarseLoss(COARSE), distillation_weight=0, combine="pcgrad"
    )
    history = _fit(distiller, *clips, batch_size=12, epochs=1)
    np.testing.assert_allclose(
        history["loss"][0] - history["student_loss"][0] - history["coarse_loss"][0],
        penalty,
        rtol=1e-4,
    )


@pytest.mark.slow
def test_a_saved_distiller_goes_on_once_it_has_its_teachers(
    network: Network, clips: tuple, tmp_path: Any
) -> None:
    teacher = network(2, width=5)
    pair = FeatureDistillation("conv", "conv")
    schedule = WeightSchedule(0.2, 0.8, 6)
    whole = Distiller(
        network(1, outputs=6),
        [teacher],
        distillation_weight=schedule,
        feature_distillation=[pair],
        coarse=CoarseLoss(COARSE),
        combine="pcgrad",
    )
    _fit(whole, *clips)
    whole.save(tmp_path / "distiller.keras")
    again = keras.saving.load_model(tmp_path / "distiller.keras")
    _same(whole, again)
    with pytest.raises(ModelError, match="1 live teachers of this distiller are missing"):
        _fit(again, *clips)
    with pytest.raises(ModelError, match="0 teachers given to a distiller made with 1"):
        again.attach_teachers([])
    again.attach_teachers([teacher])
    _fit(whole, *clips)
    _fit(again, *clips)
    _same(whole, again)


def test_what_does_not_fit_together_is_told(network: Network, clips: tuple) -> None:
    with pytest.raises(ModelError, match="nothing to distil from"):
        _fit(Distiller(network(1)), *clips)
    with pytest.raises(ModelError, match="a teacher has 5 logits, the student 4"):
        _fit(Distiller(network(1), [network(2, outputs=5)]), *clips)
    compiled = Distiller(network(1), [network(2)])
    compiled.compile("sgd", "mse")
    with pytest.raises(ModelError, match="a loss was given to compile"):
        _fit(compiled, *clips)
