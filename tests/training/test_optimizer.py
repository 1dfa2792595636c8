import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.training import OptimizerConfig, ScheduleConfig, TrainingConfig
from dssd_tf.training.optimizer import make_optimizer

STEPS = 7


def _optimizer(
    schedule: ScheduleConfig | None = None, epochs: int = 10, **settings: object
) -> keras.optimizers.Optimizer:
    config = TrainingConfig(
        epochs=epochs,
        optimizer=OptimizerConfig.model_validate(settings),
        schedule=schedule or ScheduleConfig(),
    )
    return make_optimizer(config, STEPS)


def _rate(optimizer: keras.optimizers.Optimizer, step: int) -> float:
    optimizer.iterations.assign(step)
    return float(np.asarray(optimizer.learning_rate))


def test_constant() -> None:
    optimizer = _optimizer(ScheduleConfig(name="constant"), learning_rate=0.02)
    assert [_rate(optimizer, step) for step in (0, 35, 70)] == pytest.approx([0.02] * 3)


def test_cosine_falls_from_the_peak_to_the_end() -> None:
    optimizer = _optimizer(ScheduleConfig(final=1e-5), learning_rate=1e-2)
    assert _rate(optimizer, 0) == pytest.approx(1e-2)
    assert _rate(optimizer, 35) == pytest.approx((1e-2 + 1e-5) / 2, rel=1e-4)
    assert _rate(optimizer, 70) == pytest.approx(1e-5, rel=1e-3)
    assert _rate(optimizer, 700) == pytest.approx(1e-5, rel=1e-3)


def test_warm_up_rises_linearly_and_then_the_cosine_falls() -> None:
    schedule = ScheduleConfig(warmup_epochs=2, warmup_start=1e-4, final=1e-6)
    optimizer = _optimizer(schedule, learning_rate=1e-2)
    assert _rate(optimizer, 0) == pytest.approx(1e-4)
    assert _rate(optimizer, 7) == pytest.approx((1e-4 + 1e-2) / 2, rel=1e-4)
    assert _rate(optimizer, 14) == pytest.approx(1e-2)
    # Half of what is left of the training.
    assert _rate(optimizer, 42) == pytest.approx((1e-2 + 1e-6) / 2, rel=1e-3)
    assert _rate(optimizer, 70) == pytest.approx(1e-6, rel=1e-2)


def test_warm_up_may_be_part_of_an_epoch_or_longer_than_the_training() -> None:
    half = _optimizer(ScheduleConfig(warmup_epochs=0.43), learning_rate=1e-2)
    assert _rate(half, 3) == pytest.approx(1e-2)
    whole = _optimizer(ScheduleConfig(warmup_epochs=50), epochs=2, learning_rate=1e-2)
    rates = [_rate(whole, step) for step in range(14)]
    assert rates == sorted(rates)
    assert rates[13] == pytest.approx(1e-2)


@settings(max_examples=15, deadline=None)
@given(
    warmup=st.floats(0, 12),
    peak=st.floats(1e-4, 1),
    start=st.floats(0, 1e-4),
    final=st.floats(0, 1e-4),
)
def test_rate_stays_between_its_ends(
    warmup: float, peak: float, start: float, final: float
) -> None:
    schedule = ScheduleConfig(warmup_epochs=warmup, warmup_start=start, final=final)
    optimizer = _optimizer(schedule, learning_rate=peak)
    rates = np.array([_rate(optimizer, step) for step in range(0, 71, 5)])
    assert np.isfinite(rates).all()
    assert rates.max() <= peak * (1 + 1e-5)
    assert rates.min() >= min(start, final) * (1 - 1e-3) - 1e-9
    top = int(rates.argmax())
    assert (np.diff(rates[: top + 1]) >= 0).all()
    assert (np.diff(rates[top:]) <= peak * 1e-6).all()


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adam", keras.optimizers.Adam),
        ("adamw", keras.optimizers.AdamW),
        ("sgd", keras.optimizers.SGD),
    ],
)
def test_optimizers_survive_saving(name: str, kind: type, schedule: str) -> None:
    optimizer = _optimizer(ScheduleConfig(name=schedule), name=name, clip_norm=0.5)
    assert type(optimizer) is kind
    assert optimizer.global_clipnorm == 0.5
    again = kind.from_config(optimizer.get_config())
    for step in (0, 20, 70):
        assert _rate(again, step) == _rate(optimizer, step)


def _step(gradient: float, **settings: object) -> float:
    """Where one step takes a weight from 1."""
    optimizer = _optimizer(ScheduleConfig(name="constant"), learning_rate=0.1, **settings)
    weight = keras.Variable(np.ones(1, np.float32))
    optimizer.apply([np.full(1, gradient, np.float32)], [weight])
    return float(np.asarray(weight)[0])


def test_weight_decay_shrinks_weights_of_adamw_and_sgd_only() -> None:
    assert _step(0.0, name="adamw", weight_decay=0.5) == pytest.approx(0.95)
    assert _step(0.0, name="sgd", weight_decay=0.5) == pytest.approx(0.95)
    assert _step(0.0, name="adam", weight_decay=0.5) == 1
    assert _step(0.0, name="sgd", weight_decay=0) == 1


def test_clip_norm_bounds_the_step() -> None:
    plain = {"name": "sgd", "momentum": 0, "weight_decay": 0}
    assert _step(100.0, **plain) == pytest.approx(-9)
    assert _step(100.0, clip_norm=1.0, **plain) == pytest.approx(0.9)
