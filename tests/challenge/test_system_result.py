import dataclasses

import pandas as pd
import pytest

from dssd_tf.challenge import SystemResult


def test_a_result_cannot_be_changed() -> None:
    result = SystemResult({}, {}, {None: pd.DataFrame({"filename": []})}, {None: {"log_loss": 1.0}})
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.complexity = {}  # type: ignore[misc]
    assert result.energy == {}


def test_every_part_must_be_given() -> None:
    with pytest.raises(TypeError, match="outputs"):
        SystemResult({}, {})  # type: ignore[call-arg]
