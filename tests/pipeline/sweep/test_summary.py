import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.sweep import Point, result_rows, summarise
from dssd_tf.pipeline.sweep.results import write_csv


@pytest.fixture
def two_seeds(finished_run: Path, tmp_path: Path) -> tuple[pd.DataFrame, list[Point]]:
    points = [Point("base", {}, 1, seed) for seed in (0, 1)]
    rows = []
    for point in points:
        shutil.copytree(finished_run, tmp_path / point.name)
        rows += result_rows(RunFolder(tmp_path / point.name), point)
    return pd.DataFrame(rows), points


def test_means_spreads_and_intervals(
    two_seeds: tuple[pd.DataFrame, list[Point]], tmp_path: Path
) -> None:
    results, points = two_seeds
    results.loc[results["seed"] == 1, "macro_accuracy"] += 0.1
    summary = summarise(results, points, tmp_path)
    assert list(summary["system"]) == ["float", "int8"]
    assert list(summary["runs"]) == [2, 2]
    own = results[results["system"] == "int8"]["macro_accuracy"]
    row = summary.iloc[1]
    assert row["macro_accuracy"] == pytest.approx(own.mean())
    assert row["macro_accuracy_sd"] == pytest.approx(0.1 / np.sqrt(2))
    assert row["macro_accuracy_low"] <= own.min() <= row["macro_accuracy_high"]
    assert row["log_loss_low"] < row["log_loss"] < row["log_loss_high"]
    assert row["parameters"] == results["parameters"].iloc[0]
    path = tmp_path / "summary.csv"
    write_csv(path, summary)
    assert list(pd.read_csv(path)["macs"]) == list(results[results["seed"] == 0]["macs"])


def test_each_group_of_devices_has_its_own_interval(
    two_seeds: tuple[pd.DataFrame, list[Point]], tmp_path: Path
) -> None:
    results, points = two_seeds
    summary = summarise(results, points, tmp_path)
    for name in ("seen_accuracy", "unseen_accuracy", "unseen_log_loss"):
        assert (summary[f"{name}_low"] <= summary[name]).all(), name
        assert (summary[name] <= summary[f"{name}_high"]).all(), name
        assert (summary[f"{name}_low"] < summary[f"{name}_high"]).any(), name


def test_without_predictions_there_is_no_interval(
    two_seeds: tuple[pd.DataFrame, list[Point]], tmp_path: Path
) -> None:
    results, points = two_seeds
    summary = summarise(results, points, tmp_path / "elsewhere")
    assert summary["macro_accuracy_low"].isna().all()
    assert summary["macro_accuracy"].notna().all()
