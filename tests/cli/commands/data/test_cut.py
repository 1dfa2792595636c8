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
    click = tmp_path / "in" / "bus" / "click.wav"
    told = f"1 of 5 recordings gave no clip (longest 0.01 s, asked 1 s, or silent): {click}"
    assert f"warning: {told}\n" in result.err
    assert dssd("data", "verify", out).code == 0
    again = dssd("data", "cut", tmp_path / "in", out, "--folds", 2)
    assert again.code == 2 and "is not empty" in again.line


def test_a_table_names_its_files(dssd: Callable, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("path,scene,recording\nnone.wav,bus,x\n")
    result = dssd("data", "cut", table, tmp_path / "set", "--root", tmp_path / "there")
    assert result.code == 2
    assert str(tmp_path / "there" / "none.wav") in result.line


def test_many_without_a_clip_are_one_line(dssd: Callable, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(scale=0.1, size=16000)
    for scene in ("bus", "park"):
        (tmp_path / "in" / scene).mkdir(parents=True)
        for number in range(5):
            path = tmp_path / "in" / scene / f"{number}.wav"
            soundfile.write(path, noise[: 16000 if number < 2 else 4000 + number], 8000)
    out = tmp_path / "set"
    result = dssd("data", "cut", tmp_path / "in", out, "--folds", 2, "--rate", 8000)
    (line,) = [line for line in result.err.splitlines() if line.startswith("warning: ")]
    named = ", ".join(str(tmp_path / "in" / "bus" / f"{number}.wav") for number in (2, 3, 4))
    assert line == (
        "warning: 6 of 10 recordings gave no clip (longest 0.50 s, asked 1 s, or silent): "
        f"{named}, …"
    )


def test_clips_longer_than_every_recording_leave_nothing(dssd: Callable, tmp_path: Path) -> None:
    for scene in ("bus", "park"):
        (tmp_path / "in" / scene).mkdir(parents=True)
        soundfile.write(tmp_path / "in" / scene / "a.wav", np.full(8000, 0.1), 8000)
    result = dssd("data", "cut", tmp_path / "in", tmp_path / "set", "--seconds", 5)
    assert result.code == 2
    assert "none of 2 recordings gave a clip of 5 s (the longest lasts 1.00 s)" in result.line
    assert not (tmp_path / "set").exists()
    result = dssd("data", "cut", tmp_path / "in", tmp_path / "set", "--seconds", 0)
    assert result.code == 2
    assert "argument --seconds: '0' is not a positive number of seconds" in result.err
