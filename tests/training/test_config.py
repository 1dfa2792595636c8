import pytest
from pydantic import ValidationError

from dssd_tf.training import OptimizerConfig, ScheduleConfig, TrainingConfig


def test_parts_are_read_from_plain_values() -> None:
    config = TrainingConfig.model_validate(
        {
            "epochs": 5,
            "optimizer": {"name": "sgd", "momentum": 0},
            "schedule": {"name": "constant"},
        }
    )
    assert config.epochs == 5
    assert config.optimizer == OptimizerConfig(name="sgd", momentum=0)
    assert config.schedule == ScheduleConfig(name="constant")


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"epochs": 0}, "epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"label_smoothing": 1}, "label_smoothing"),
        ({"label_smoothing": -0.1}, "label_smoothing"),
        ({"optimizer": {"name": "lamb"}}, "optimizer.name"),
        ({"optimizer": {"learning_rate": 0}}, "optimizer.learning_rate"),
        ({"optimizer": {"learning_rate": float("inf")}}, "optimizer.learning_rate"),
        ({"optimizer": {"momentum": 1}}, "optimizer.momentum"),
        ({"optimizer": {"weight_decay": -1}}, "optimizer.weight_decay"),
        ({"optimizer": {"clip_norm": 0}}, "optimizer.clip_norm"),
        ({"schedule": {"name": "step"}}, "schedule.name"),
        ({"schedule": {"warmup_epochs": -1}}, "schedule.warmup_epochs"),
        ({"schedule": {"final": -1e-9}}, "schedule.final"),
        ({"learning_rate": 1e-3}, "learning_rate"),
    ],
)
def test_values_out_of_range(values: dict[str, object], place: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TrainingConfig.model_validate(values)
    (error,) = caught.value.errors()
    assert ".".join(map(str, error["loc"])) == place
