import pytest

from dssd_tf.errors import RunError
from dssd_tf.files import read_json
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.sweep import Point, result_rows
from dssd_tf.pipeline.sweep.results import FIGURES, FIRST

POINT = Point("wide", {"features.n_mels": 32}, 1, 0)


def test_a_row_for_each_system(run: RunFolder) -> None:
    rows = result_rows(run, POINT)
    assert [row["system"] for row in rows] == ["float", "int8"]
    metrics = read_json(run.metrics)["systems"]
    for row in rows:
        assert set(row) == {*FIRST, *FIGURES, "set features.n_mels"}
        own = metrics[row["system"]]
        assert row["macro_accuracy"] == own["macro_accuracy"]
        assert row["unseen_accuracy"] == own["device_groups"]["unseen"]["accuracy"]
    assert rows[1]["bytes"] == run.int8_model.stat().st_size
    assert rows[0]["parameters"] == rows[1]["parameters"]


def test_what_was_not_counted_is_left_open(run: RunFolder) -> None:
    run.complexity.unlink()
    assert result_rows(run, POINT)[0]["macs"] is None
    run.metrics.unlink()
    with pytest.raises(RunError, match="dssd evaluate"):
        result_rows(run, POINT)
