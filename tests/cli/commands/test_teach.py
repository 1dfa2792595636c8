from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.teachers import TeacherBank


def test_a_run_fills_a_bank_that_verifies_and_is_listed(
    dssd: Callable, finished_run: Path, synthetic_set: Path, tmp_path: Path
) -> None:
    bank = tmp_path / "bank"
    done = dssd("teach", finished_run, "--name", "a", "--out", bank)
    assert done.code == 0, done.err
    assert TeacherBank.open(bank).teachers == ("a",)
    verified = dssd("bank", "verify", bank, "--data", synthetic_set, "--fold", 1, "--strict")
    assert (verified.code, verified.out) == (0, "")
    listed = dssd("bank", "ls", bank).out.splitlines()
    assert [line.split()[:2] for line in listed[1:]] == [["a", "20"]]
    assert "fold 1, 20 recordings" in listed[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x/run", "y/run"], "two teachers would be named 'run'"),
        (["x", "y", "--name", "a"], "1 names are given for 2 teachers"),
        (["x", "--set", "seed=1"], "--set is for a recipe"),
        (["x"], "no recipe.yaml"),
        (["x.keras"], "give the recipe it was trained with by --recipe"),
    ],
)
def test_a_mistake_is_one_line_and_makes_no_bank(
    dssd: Callable, tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = dssd("teach", *arguments, "--out", tmp_path / "bank")
    assert result.code == 2
    assert message in result.line
    assert not (tmp_path / "bank").exists()
