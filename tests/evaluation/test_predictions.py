from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from dssd_tf.errors import RunError
from dssd_tf.evaluation import KerasPredictor
from dssd_tf.evaluation.predictions import (
    COLUMNS,
    predict_store,
    prediction_table,
    read_predictions,
    write_predictions,
)
from dssd_tf.evaluation.predictor import softmax

CLASSES = ["bus", "metro", "tram"]
LOGITS = np.array([[2.0, 1.0, -30.0], [0.1, 0.2, 0.3], [-1.0, 5.0, 0.0]], np.float32)


@pytest.fixture
def clips() -> pd.DataFrame:
    """Labels and names that a reader might take for missing values or numbers."""
    return pd.DataFrame(
        {
            "filename": ["audio/a.wav", "audio/b.wav", "7"],
            "scene_label": ["bus", "tram", "metro"],
            "recording": ["bus-lyon-1", "NA", "007"],
            "device": ["a", "s1", "null"],
            "label": [0, 2, 1],
        },
        index=[5, 3, 9],
    )


def test_columns_and_values(clips: pd.DataFrame) -> None:
    table = prediction_table(clips, "float", LOGITS, CLASSES)
    assert list(table.columns) == [*COLUMNS, *CLASSES]
    assert table["predicted"].to_list() == ["bus", "tram", "metro"]
    assert set(table["system"]) == {"float"}
    np.testing.assert_allclose(table[CLASSES].to_numpy(), softmax(LOGITS))


def test_round_trip_of_two_systems(clips: pd.DataFrame, tmp_path: Path) -> None:
    tables = [prediction_table(clips, name, LOGITS, CLASSES) for name in ("float", "int8")]
    path = tmp_path / "predictions.csv"
    write_predictions(path, tables)
    found = read_predictions(path)
    expected = pd.concat(tables, ignore_index=True)
    assert len(found) == 6
    for column in COLUMNS:
        assert found[column].to_list() == expected[column].to_list()
    np.testing.assert_allclose(found[CLASSES], expected[CLASSES].astype(float), rtol=1e-8)


def test_round_trip_without_labels(tmp_path: Path) -> None:
    unlabelled = pd.DataFrame({"filename": ["audio/0.wav", "audio/1.wav"], "device": ["", "b"]})
    path = tmp_path / "predictions.csv"
    write_predictions(path, [prediction_table(unlabelled, "int8", LOGITS[:2], CLASSES)])
    found = read_predictions(path)
    assert found["filename"].to_list() == ["audio/0.wav", "audio/1.wav"]
    assert found["device"].to_list() == ["", "b"]
    assert set(found["recording"]) == set(found["scene_label"]) == {""}
    assert found["predicted"].to_list() == ["bus", "tram"]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no predictions — run `dssd evaluate`") as caught:
        read_predictions(tmp_path / "predictions.csv")
    assert caught.value.path == tmp_path / "predictions.csv"


@pytest.mark.parametrize("column", COLUMNS)
def test_missing_column(clips: pd.DataFrame, tmp_path: Path, column: str) -> None:
    path = tmp_path / "predictions.csv"
    prediction_table(clips, "float", LOGITS, CLASSES).drop(columns=column).to_csv(path, index=False)
    with pytest.raises(RunError, match=f"lacks the column '{column}'") as caught:
        read_predictions(path)
    assert caught.value.path == path


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n1,2,3\n"])
def test_file_that_is_no_table(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "predictions.csv"
    path.write_bytes(content)
    with pytest.raises(RunError) as caught:
        read_predictions(path)
    assert caught.value.path == path
    assert "\n" not in str(caught.value)


def test_store_is_predicted_in_the_order_of_the_names(
    model: keras.Model, features: np.ndarray, array_store: Callable[[np.ndarray], Any]
) -> None:
    names = [str(n) for n in np.random.default_rng(0).permutation(70)]
    found = predict_store(KerasPredictor(model), array_store(features), names, "test")
    expected = np.asarray(model(features[[int(n) for n in names]], training=False))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_store_of_another_shape(
    model: keras.Model, array_store: Callable[[np.ndarray], Any]
) -> None:
    store = array_store(np.zeros((2, 6, 8, 2), np.float32))
    with pytest.raises(RunError) as caught:
        predict_store(KerasPredictor(model), store, ["0", "1"], "test")
    assert "takes (6, 8, 1), the features are (6, 8, 2)" in str(caught.value)
    assert "use the recipe the model was trained with" in str(caught.value)
