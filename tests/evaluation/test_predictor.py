from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dssd_tf.errors import ModelError
from dssd_tf.evaluation import KerasPredictor, TFLitePredictor, open_predictor
from dssd_tf.evaluation.predictor import log_softmax, open_interpreter, softmax


@pytest.fixture(scope="module")
def logits(model: keras.Model, features: np.ndarray) -> np.ndarray:
    return np.asarray(model(features, training=False))


@pytest.mark.parametrize("kind", ["keras", "float"])
def test_float_forms_give_the_model_s_logits(
    model_files: dict[str, Path], features: np.ndarray, logits: np.ndarray, kind: str
) -> None:
    predictor = open_predictor(model_files[kind])
    assert tuple(predictor.input_shape) == (6, 8, 1)
    found = predictor(features)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, logits, atol=1e-5)


def test_int8_stays_near_the_float_model(
    model_files: dict[str, Path], features: np.ndarray, logits: np.ndarray
) -> None:
    predictor = open_predictor(str(model_files["int8"]))
    assert tuple(predictor.input_shape) == (6, 8, 1)
    found = predictor(features)
    assert found.shape == logits.shape
    assert found.dtype == np.float32
    # Eight bits: a few steps of a 256th of the range of the logits.
    assert np.abs(found - logits).max() < 5 * np.ptp(logits) / 256
    assert len(np.unique(found)) <= 256


def test_int8_saturates_instead_of_wrapping_around(model_files: dict[str, Path]) -> None:
    predictor = open_predictor(model_files["int8"])
    far = np.full((1, 6, 8, 1), 100, np.float32)
    for sign in (1, -1):
        np.testing.assert_array_equal(predictor(sign * far), predictor(sign * 1e6 * far))
    assert not np.array_equal(predictor(far), predictor(-far))


def test_kind_of_predictor(model_files: dict[str, Path]) -> None:
    assert isinstance(open_predictor(model_files["keras"]), KerasPredictor)
    assert isinstance(open_predictor(model_files["int8"]), TFLitePredictor)


def test_threads_do_not_change_the_result(
    model_files: dict[str, Path], features: np.ndarray
) -> None:
    content = model_files["int8"].read_bytes()
    one, two = (TFLitePredictor(content, threads=n)(features[:5]) for n in (1, 2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", ["model.keras", "model.tflite", "model.h5"])
def test_missing_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="no such model file") as caught:
        open_predictor(tmp_path / name)
    assert caught.value.path == tmp_path / name


@pytest.mark.parametrize("name", ["model.h5", "model"])
def test_other_kind(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"content")
    with pytest.raises(ModelError, match=r"unknown kind of model '.*' — give \.keras") as caught:
        open_predictor(tmp_path / name)
    assert caught.value.path == tmp_path / name


@pytest.mark.parametrize("kind", ["keras", "int8"])
@pytest.mark.parametrize("content", ["empty", "text", "half"])
def test_unreadable_file(
    tmp_path: Path, model_files: dict[str, Path], kind: str, content: str
) -> None:
    whole = model_files[kind].read_bytes()
    path = tmp_path / f"spoiled{model_files[kind].suffix}"
    path.write_bytes(
        {"empty": b"", "text": b"no model\n", "half": whole[: len(whole) // 2]}[content]
    )
    with pytest.raises(ModelError, match="is not a readable") as caught:
        open_predictor(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_softmax_of_huge_logits() -> None:
    rows = np.array([[1e4, 0, -1e4], [-1e30, -1e30, -1e30], [3e38, -3e38, 0]], np.float32)
    found = softmax(rows)
    np.testing.assert_allclose(found, [[1, 0, 0], [1 / 3] * 3, [1, 0, 0]])
    assert found.dtype == np.float64


@settings(max_examples=40, deadline=None)
@given(
    rows=hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(-80, 80, width=32),
    ),
    shift=st.floats(-50, 50),
)
def test_softmax_rows_sum_to_one_and_ignore_a_shift(rows: np.ndarray, shift: float) -> None:
    found = softmax(rows)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found > 0).all()
    np.testing.assert_allclose(softmax(rows.astype(np.float64) + shift), found, rtol=1e-9)
    order = np.argsort(rows, axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(found, order, axis=1), axis=1) >= 0).all()


@settings(max_examples=40, deadline=None)
@given(
    rows=hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(-300, 300, width=32),
    )
)
def test_log_softmax_is_the_logarithm_also_where_softmax_is_all_but_zero(rows: np.ndarray) -> None:
    found = log_softmax(rows)
    np.testing.assert_allclose(np.exp(found), softmax(rows), rtol=1e-9)
    assert np.isfinite(found).all()
    between = np.diff(rows.astype(np.float64), axis=1)
    np.testing.assert_allclose(np.diff(found, axis=1), between, atol=1e-9)


def test_log_softmax_of_huge_logits() -> None:
    found = log_softmax(np.array([[1e4, 0, -1e4]], np.float32))
    np.testing.assert_allclose(found, [[0, -1e4, -2e4]])
    assert found.dtype == np.float64


@pytest.mark.parametrize("kind", ["float", "int8"])
def test_an_interpreter_with_and_without_xnnpack(model_files: dict[str, Path], kind: str) -> None:
    content = model_files[kind].read_bytes()
    outputs = []
    for xnnpack in (True, False):
        interpreter = open_interpreter(content, xnnpack=xnnpack)
        details = interpreter.get_input_details()[0]
        interpreter.set_tensor(details["index"], np.ones(details["shape"], details["dtype"]))
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    np.testing.assert_allclose(*np.float32(outputs), atol=1 if kind == "int8" else 1e-5)
