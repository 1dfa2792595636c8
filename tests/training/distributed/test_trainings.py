"""Whole trainings on two devices and by two workers: repeated, killed, resumed."""

import signal
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

SCRIPT = "trainings.py"
# Five reads an epoch: one for the shape, four batches.
READS = 7

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_two_devices_go_on_exactly_after_a_kill(start: Any, tmp_path: Path) -> None:
    def train(name: str, *reads: int) -> subprocess.Popen[str]:
        arguments = [tmp_path / name, tmp_path / f"{name}.npz", "mirrored", *reads]
        return start(SCRIPT, arguments)

    whole, cut = train("whole"), train("cut", READS)
    _finish(whole)
    assert _returns(cut) == -signal.SIGKILL
    assert not (tmp_path / "cut.npz").exists()
    assert len(pd.read_csv(tmp_path / "cut" / "history.csv")) == 1
    _finish(train("cut"))
    _assert_same(tmp_path, ("whole", "whole"), ("cut", "cut"))
    history = pd.read_csv(tmp_path / "whole" / "history.csv")
    assert history["val_loss"].iloc[-1] < history["val_loss"][0]


def test_workers_end_when_one_is_killed_and_go_on_exactly(
    start: Any, two_workers: list[str], tmp_path: Path
) -> None:
    def train(name: str, *reads: int) -> list[subprocess.Popen[str]]:
        """Only the second worker is killed; both see one folder."""
        return [
            start(
                SCRIPT,
                [tmp_path / name, tmp_path / f"{name}{index}.npz", "worker", *reads[: index * 9]],
                config,
            )
            for index, config in enumerate(two_workers)
        ]

    for process in train("whole"):
        _finish(process)
    # Only the chief writes, and only what one process would write.
    assert {p.name for p in (tmp_path / "whole").iterdir()} == {"history.csv", "training"}
    assert [p.name for p in (tmp_path / "whole" / "training").iterdir()] == ["epoch-00003"]

    chief, killed = train("cut", READS)
    assert _returns(killed) == -signal.SIGKILL
    output, _ = chief.communicate(timeout=90)
    assert chief.returncode == 2
    assert "another worker has ended" in output and "--resume" in output
    assert [p.name for p in (tmp_path / "cut" / "training").iterdir()] == ["epoch-00001"]

    # The second worker does not see the chief's folder.
    apart = [
        start(SCRIPT, [tmp_path / folder, tmp_path / "none.npz", "worker"], config)
        for folder, config in zip(("cut", "elsewhere"), two_workers, strict=True)
    ]
    for process in apart:
        output, _ = process.communicate(timeout=90)
        assert process.returncode == 2
        assert "different checkpoints" in output and "all machines share" in output

    for process in train("cut"):
        _finish(process)
    _assert_same(tmp_path, ("whole", "whole0"), ("cut", "cut0"))
    _assert_same(tmp_path, ("whole", "whole0"), ("cut", "cut1"))


def _assert_same(folder: Path, expected: tuple[str, str], found: tuple[str, str]) -> None:
    one, other = (
        pd.read_csv(folder / run / "history.csv").drop(columns="seconds")
        for run, _ in (expected, found)
    )
    assert len(one) == 3
    pd.testing.assert_frame_equal(other, one, check_exact=True)
    weights, others = (np.load(folder / f"{name}.npz") for _, name in (expected, found))
    assert len(weights.files) > 10
    for key in weights:
        np.testing.assert_array_equal(others[key], weights[key])


def _returns(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=200)
    return process.returncode


def _finish(process: subprocess.Popen[str]) -> None:
    output, errors = process.communicate(timeout=200)
    assert process.returncode == 0, output + errors[-2000:]
