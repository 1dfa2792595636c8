"""The weight over the steps."""

import keras
import pytest

from dssd_tf.training.distillation.weight_schedule import WeightSchedule


@pytest.mark.parametrize(
    ("shape", "expected"), [("linear", [0.0, 0.2, 0.4, 0.8, 0.8]), ("cosine", None)]
)
def test_it_goes_from_start_to_end(shape: str, expected: list[float] | None) -> None:
    schedule = WeightSchedule(0.0, 0.8, 4, shape)
    found = [float(schedule(step)) for step in (0, 1, 2, 4, 9)]
    if expected is None:
        decay = keras.optimizers.schedules.CosineDecay(0.8, 4)
        expected = [0.8 - float(decay(step)) for step in (0, 1, 2, 4, 9)]
    assert found == pytest.approx(expected, abs=1e-6)


def test_it_is_made_again_from_its_config() -> None:
    schedule = WeightSchedule(0.9, 0.1, 10, "linear")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert again.get_config() == schedule.get_config()


@pytest.mark.parametrize("arguments", [(-0.1, 1, 5), (0, 1.1, 5), (0, 1, 0), (0, 1, 5, "step")])
def test_a_wrong_argument_is_refused(arguments: tuple) -> None:
    with pytest.raises(ValueError):
        WeightSchedule(*arguments)
