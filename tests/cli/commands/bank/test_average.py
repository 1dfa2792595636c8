from collections.abc import Callable

import pytest

from dssd_tf.teachers import TeacherBank


def test_an_ensemble_is_a_teacher(dssd: Callable, imported: Callable) -> None:
    imported("a", "--fold", 1)
    bank = imported("b", "--fold", 1)
    result = dssd("bank", "average", bank, "--out", "both", "--weights", "a=1, b=3")
    assert result.code == 0
    opened = TeacherBank.open(bank)
    assert opened.teachers == ("a", "b", "both")
    assert opened.record("both").members == {"a": 0.25, "b": 0.75}


@pytest.mark.parametrize("weights", ["a", "a=x", "=1", "a=1,a=2", "a=1,", "a=nan", "c=1"])
def test_weights_that_cannot_be_used(dssd: Callable, imported: Callable, weights: str) -> None:
    bank = imported("a", "--fold", 1)
    result = dssd("bank", "average", bank, "--out", "both", "--weights", weights)
    assert result.code == 2
    assert "weights" in result.line or "no teacher 'c'" in result.line
