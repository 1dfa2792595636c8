"""`dssd search`."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("space", "given", "reason"),
    [
        (None, [], "cannot be read"),
        ("a.b: 3", [], "a.b: "),
        ("seed: [1, 2]", [], "seed is set by the search itself"),
        ("training.epochs: [1, 2]", ["--set", "data.validation_fraction=0"], "no validation clips"),
        ("training.epochs: [1, 2]", ["--trials", "0"], "'0' is not a whole number of 1 or more"),
    ],
)
def test_wrong_input_is_told_and_leaves_nothing(
    dssd: Callable,
    write_recipe: Callable[..., Path],
    synthetic_set: Path,
    tmp_path: Path,
    space: str | None,
    given: list[str],
    reason: str,
) -> None:
    path, out = tmp_path / "space.yaml", tmp_path / "search"
    if space is not None:
        path.write_text(space)
    result = dssd(
        *("search", write_recipe(), "--data", synthetic_set, "--space", path, "--out", out), *given
    )
    assert result.code == 2
    assert reason in result.err
    assert not out.exists()
