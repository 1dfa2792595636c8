from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.pipeline import Workspace
from dssd_tf.pipeline.search.limits import overruns
from dssd_tf.recipe import load_recipe


@pytest.mark.parametrize(("widths", "over"), [([8, 8], False), ([64, 640], True)])
def test_an_overrun_is_above_zero(
    write_recipe: Callable[..., Path],
    synthetic_set: Path,
    tmp_path: Path,
    widths: list[int],
    over: bool,
) -> None:
    path = write_recipe(
        model={"name": "dsmn_s", "options": {"pattern": "FF", "widths": widths}},
        challenge={"edition": 2024, "entry": None},
    )
    given = [f"data.root={synthetic_set}"]
    found = overruns(Workspace(load_recipe(path, given), tmp_path))
    assert set(found) == {"size", "macs"}
    assert (found["size"] > 0) is over
    free = load_recipe(path, [*given, "challenge.edition=null"])
    assert overruns(Workspace(free, tmp_path)) == {}
