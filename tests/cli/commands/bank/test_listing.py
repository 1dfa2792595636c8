from collections.abc import Callable
from pathlib import Path


def test_each_teacher_has_a_line(dssd: Callable, imported: Callable, synthetic_set: Path) -> None:
    imported("plain")
    imported("fold", "--fold", 1)
    bank = imported("known", "--fold", 1, "--data", synthetic_set)
    result = dssd("bank", "ls", bank)
    heading, *lines = result.out.splitlines()
    assert heading.split()[:2] == ["teacher", "clips"]
    assert ["20" in line for line in lines] == [True] * 3
    for line, text in zip(
        lines, ("not known", "fold 1, recordings not known", "fold 1, 20 recordings"), strict=True
    ):
        assert text in line
    assert "3 teachers, classes airport" in result.err


def test_what_is_no_bank_is_an_error(dssd: Callable, tmp_path: Path) -> None:
    result = dssd("bank", "ls", tmp_path)
    assert result.code == 2
    assert "is not a teacher bank" in result.line
