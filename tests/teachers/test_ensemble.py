from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.errors import DataError
from dssd_tf.teachers import TeacherBank
from dssd_tf.teachers.ensemble import average_teachers


@pytest.mark.parametrize("average", ["logits", "probabilities"])
def test_the_stored_mean_is_the_mean_of_its_members(
    bank: Path, clips: list[str], add: Callable, average: str
) -> None:
    add("big")
    add("small", seed=1)
    weights = {"big": 3.0, "small": 1.0}
    record = average_teachers(bank, "both", weights, average=average)
    assert record.members == {"big": 0.75, "small": 0.25}
    opened = TeacherBank.open(bank)
    expected = opened.logits(clips, weights=weights, average=average)
    np.testing.assert_allclose(opened.logits(clips, ["both"]), expected, atol=1e-6)


def test_it_counts_as_trained_on_what_any_member_was(bank: Path, add: Callable) -> None:
    add("big", recordings={"a", "b"})
    add("small", recordings={"b", "c"}, seed=1)
    record = average_teachers(bank, "both", {"big": 1, "small": 1})
    assert TeacherBank.open(bank).recordings("both") == {"a", "b", "c"}
    assert record.origin is not None
    assert (record.origin.fold, record.origin.complete) == (1, True)


def test_a_member_of_unknown_origin_leaves_a_doubt_but_hides_no_leak(
    bank: Path, clips: list[str], classes: tuple, add: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    add("known", recordings={"a"})
    add("unknown", recordings=None, seed=1)
    average_teachers(bank, "both", {"known": 1, "unknown": 1})
    opened = TeacherBank.open(bank)
    opened.check(classes, clips, {"z"}, teachers=["both"], fold=1)
    assert "cannot be checked" in capsys.readouterr().err
    with pytest.raises(DataError, match="'both' was trained on recording 'a'"):
        opened.check(classes, clips, {"a"}, teachers=["both"])


def test_members_of_other_clips_are_refused(bank: Path, clips: list[str], add: Callable) -> None:
    add("big")
    add("small", names=clips[:5])
    with pytest.raises(DataError, match=r"'small' has no logits of .*2 of 7"):
        average_teachers(bank, "both", {"big": 1, "small": 1})
    assert TeacherBank.open(bank).teachers == ("big", "small")


@pytest.mark.parametrize(
    ("name", "weights", "message"),
    [
        ("both", {"big": 1, "none": 1}, "no teacher 'none'"),
        ("both", {"big": -1}, "no weights of teachers"),
        ("both", {}, "no teachers are named"),
        ("big", {"big": 1}, "its own member"),
        ("a/b", {"big": 1}, "name: may hold"),
    ],
)
def test_what_cannot_be_averaged(
    bank: Path, add: Callable, name: str, weights: dict[str, float], message: str
) -> None:
    add("big")
    with pytest.raises(DataError, match=message):
        average_teachers(bank, name, weights)
