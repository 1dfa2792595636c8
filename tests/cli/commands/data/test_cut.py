"""`dssd data cut`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile


def test_folders_become_a_set_that_is_valid(dssd: Callable, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for scene in ("bus", "park"):
        (tmp_path / "in" / scene).mkdir(parents=True)
        for number in range(2):
            path = tmp_path / "in" / scene / f"{number}.wav"
            soundfile.write(path, random.normal(scale=0.1, size=8000 * (1 + number)), 8000)
    soundfile.write(tmp_path / "in" / "bus" / "click.wav", np.zeros(100), 8000)
    out = tmp_path / "set"
    result = dssd("data", "cut", tmp_path / "in", out, "--folds", 2, "--rate", 8000)
    assert result.code == 0
    assert "5 recordings → 6 clips (bus 3, park 3)" in result.err
    assert "click.wav: gave no clip" in result.err
    assert dssd("data", "verify", out).code == 0
    again = dssd("data", "cut", tmp_path / "in", out, "--folds", 2)
    assert again.code == 2 and "is not empty" in again.line


def test_a_table_names_its_files(dssd: Callable, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("path,scene,recording\nnone.wav,bus,x\n")
    result = dssd("data", "cut", table, tmp_path / "set", "--root", tmp_path / "there")
    assert result.code == 2
    assert str(tmp_path / "there" / "none.wav") in result.line
