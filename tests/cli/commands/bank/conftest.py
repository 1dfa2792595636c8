from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def train(synthetic_set: Path) -> pd.DataFrame:
    """The training list of fold 1: filename and scene_label."""
    return pd.read_csv(synthetic_set / "evaluation_setup" / "fold1_train.csv", sep="\t")


@pytest.fixture
def scenes(train: pd.DataFrame) -> list[str]:
    return sorted(set(train["scene_label"]))


@pytest.fixture
def logit_file(tmp_path: Path, train: pd.DataFrame, scenes: list[str]) -> Path:
    """Logits of the training list, as `.npz`."""
    path = tmp_path / "logits.npz"
    logits = np.random.default_rng(0).normal(size=(len(train), len(scenes)))
    np.savez(path, names=train["filename"].to_numpy(dtype=str), logits=logits)
    return path


@pytest.fixture
def imported(dssd: Callable, tmp_path: Path, logit_file: Path, scenes: list[str]) -> Callable:
    """Import the file under a name; gives the bank."""

    def bring(name: str, *options: object) -> Path:
        bank = tmp_path / "bank"
        arguments = ["--out", bank, "--name", name, "--classes", ",".join(scenes)]
        result = dssd("bank", "import", logit_file, *arguments, *options)
        assert result.code == 0, result.err
        return bank

    return bring
