import json
from collections.abc import Callable


def test_a_line_a_year(dssd: Callable) -> None:
    result = dssd("editions")
    assert result.code == 0
    lines = result.out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["2021", "2022", "2023", "2024", "2025"]
    assert "all weights int8" in lines[2]
    assert "(unverified)" in lines[1]
    years = [row["year"] for row in json.loads(dssd("editions", "--json").out)]
    assert years == [2021, 2022, 2023, 2024, 2025]


def test_one_year_in_full(dssd: Callable) -> None:
    result = dssd("editions", 2025)
    assert result.code == 0
    assert "178,930" in result.out
    assert "participant, unverified" in result.out
    facts = json.loads(dssd("editions", 2025, "--json").out)["facts"]
    assert {"name": "rows", "value": "178,930", "source": "code", "unverified": False} in facts


def test_a_year_that_is_not_there(dssd: Callable) -> None:
    result = dssd("editions", 1999)
    assert result.code == 2
    assert "unknown edition 1999 — choose one of 2021, 2022, 2023, 2024, 2025" in result.line
