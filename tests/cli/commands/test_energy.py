import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.slow
def test_without_a_meter_no_figure_is_given(
    dssd: Callable, copied_run: Path, finished_run: Path, metered: Callable[..., list], monkeypatch
) -> None:
    monkeypatch.chdir(finished_run.parent)
    metered("cpu_load")
    target = finished_run.parent / "energy_run"
    copied_run.rename(target)
    result = dssd("energy", target)
    assert result.code == 0
    assert "training            not measured: set training.energy" in result.out
    assert result.out.count("unavailable: no reading: codecarbon finds no power meter") == 2
    found = json.loads(dssd("energy", target, "--json").out)
    assert found["inference"]["kwh"] is None and found["inference"]["seconds"] > 0


def test_a_folder_without_a_run_is_one_line(dssd: Callable, tmp_path: Path) -> None:
    result = dssd("energy", tmp_path)
    assert result.code == 2 and "recipe.yaml" in result.line
