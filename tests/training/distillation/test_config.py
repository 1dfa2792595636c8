"""The recipe's part on distillation."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from dssd_tf.training.distillation import DistillationConfig


def test_a_full_configuration_is_read() -> None:
    config = DistillationConfig.model_validate(
        {
            "teachers": ["runs/a", "runs/b"],
            "bank": "teacher_logits",
            "teacher_weights": [1, 1, 2],
            "temperature": 2,
            "schedule": {"name": "cosine", "start": 0.1, "epochs": 5},
            "features": [{"student_layer": "block2", "teacher_layer": "block2"}],
            "coarse": {"weight": 0.5},
            "combine": "pcgrad",
        }
    )
    assert config.distils and config.coarse is not None
    assert config.coarse.names == ("indoor", "outdoor", "transportation")
    assert DistillationConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "weight 0.5 needs teachers or a bank"),
        ({"weight": 0, "combine": "pcgrad"}, "leaves nothing beside the labels"),
        ({"bank": "b", "features": [{"student_layer": "a", "teacher_layer": "b"}]}, "teacher 0"),
        ({"teachers": ["a"], "teacher_weights": [1, 2]}, "2 teacher_weights for 1 teachers"),
        ({"teachers": ["a"], "bank": "b", "teacher_weights": [1]}, "and a bank"),
        ({"teachers": ["a"], "teacher_weights": [0]}, "above 0"),
        ({"teachers": ["a"], "temperature": 0}, "greater than 0"),
    ],
)
def test_what_does_not_fit_together_is_told(values: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        DistillationConfig.model_validate(values)


def test_coarse_classes_alone_need_no_teacher() -> None:
    config = DistillationConfig.model_validate({"weight": 0, "coarse": {}, "combine": "pcgrad"})
    assert not config.distils


def test_reading_it_loads_no_heavy_library() -> None:
    code = (
        "import dssd_tf.training.distillation, sys; print({'keras', 'tensorflow'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
