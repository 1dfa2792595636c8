import shutil
from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.errors import RunError
from dssd_tf.evaluation.comparison import compare
from dssd_tf.evaluation.predictions import read_predictions
from dssd_tf.files import read_json
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.sweep import Point, result_rows, summarise
from dssd_tf.pipeline.sweep.differences import add_differences

POINTS = [Point(name, {}, 1, seed) for name, seed in (("a", 0), ("a", 1), ("b", 0), ("c", 1))]


@pytest.fixture
def runs(finished_run: Path, tmp_path: Path) -> Path:
    """Runs of `b` are wrong on every second clip."""
    for point in POINTS:
        shutil.copytree(finished_run, tmp_path / point.name)
    path = tmp_path / "b" / "fold1_seed0" / "predictions.csv"
    table = read_predictions(path)
    classes = read_json(path.with_name("metrics.json"))["classes"]
    half = table.index % 2 == 0
    table.loc[half, classes] = table.loc[half, classes].to_numpy()[:, ::-1]
    table["predicted"] = table[classes].idxmax(axis=1)
    table.to_csv(path, index=False)
    return tmp_path


@pytest.fixture
def results(runs: Path) -> pd.DataFrame:
    table = pd.DataFrame([row for p in POINTS for row in result_rows(RunFolder(runs / p.name), p)])
    table.loc[table["configuration"] == "b", "macro_accuracy"] -= 0.25
    return table


def _row(table: pd.DataFrame, configuration: str) -> pd.Series:
    return table[(table["configuration"] == configuration) & (table["system"] == "int8")].iloc[0]


def test_a_difference_is_of_the_runs_that_both_have(runs: Path, results: pd.DataFrame) -> None:
    table = add_differences(summarise(results, POINTS, runs), results, POINTS, runs, "a")
    row = _row(table, "b")
    assert row["against"] == "a" and row["paired_runs"] == 1
    assert row["macro_accuracy_difference"] == pytest.approx(-0.25)
    assert pd.isna(row["macro_accuracy_difference_sd"])
    assert _row(table, "a")["paired_runs"] == 0
    assert pd.isna(_row(table, "a")["macro_accuracy_difference"])


def test_the_interval_is_that_of_the_paired_comparison(runs: Path, results: pd.DataFrame) -> None:
    table = add_differences(summarise(results, POINTS, runs), results, POINTS, runs, "a")
    sides = []
    for name in ("a", "b"):
        predictions = read_predictions(runs / name / "fold1_seed0" / "predictions.csv")
        sides.append(predictions[predictions["system"] == "int8"])
    classes = read_json(runs / "a" / "fold1_seed0" / "metrics.json")["classes"]
    found = compare(*sides, classes, resamples=1000)
    row = _row(table, "b")
    for name, of in (("macro_accuracy", found.macro_accuracy), ("log_loss", found.log_loss)):
        ends = (row[f"{name}_difference_low"], row[f"{name}_difference_high"])
        assert ends == pytest.approx(of.interval)
        assert ends[0] < ends[1]


def test_without_a_common_run_there_is_no_difference(runs: Path, results: pd.DataFrame) -> None:
    table = add_differences(summarise(results, POINTS, runs), results, POINTS, runs, "b")
    assert _row(table, "c")["paired_runs"] == 0
    assert pd.isna(_row(table, "c")["macro_accuracy_difference"])


def test_other_clips_give_no_interval(runs: Path, results: pd.DataFrame) -> None:
    path = runs / "b" / "fold1_seed0" / "predictions.csv"
    predictions = read_predictions(path)
    predictions.drop(predictions.index[-4:]).to_csv(path, index=False)
    assert set(predictions["system"].iloc[-4:]) == {"int8"}
    table = add_differences(summarise(results, POINTS, runs), results, POINTS, runs, "a")
    row = _row(table, "b")
    assert row["macro_accuracy_difference"] == pytest.approx(-0.25)
    assert pd.isna(row["macro_accuracy_difference_low"])


def test_a_configuration_that_is_not_there(runs: Path, results: pd.DataFrame) -> None:
    summary = summarise(results, POINTS, runs)
    with pytest.raises(RunError, match=r"no run of the sweep is of 'd' — choose among a, b, c"):
        add_differences(summary, results, POINTS, runs, "d")
