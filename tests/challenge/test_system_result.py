import dataclasses

import pandas as pd
import pytest

from dssd_tf.challenge import Outcome, SystemResult


def test_a_result_cannot_be_changed() -> None:
    outcome = Outcome(pd.DataFrame({"filename": []}), {"log_loss": 1.0})
    result = SystemResult({}, {}, {None: outcome})
    for part, name in ((outcome, "metrics"), (result, "complexity")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, name, {})


def test_every_part_must_be_given() -> None:
    with pytest.raises(TypeError, match="metrics"):
        Outcome(pd.DataFrame())  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="outcomes"):
        SystemResult({}, {})  # type: ignore[call-arg]
