"""The graph that the twin is built from; needs no torch."""

from collections.abc import Callable

import numpy as np
import pytest

from dssd_tf.challenge.inference_package.tflite_reading import Untranslatable
from dssd_tf.challenge.inference_package.translation import translate


def test_the_graph_runs_in_order(make_model: Callable[..., bytes]) -> None:
    graph = translate(make_model()).graph
    known = {graph["input"]}
    for operator in graph["operators"]:
        assert set(operator["inputs"]) <= known
        known.add(operator["output"])
        assert set(operator["last_use"]) <= set(operator["inputs"])
        known -= set(operator["last_use"])
    assert known == {graph["output"]}
    assert graph["tensors"][graph["input"]]["shape"] == [1, 32, 12, 2]
    kinds = {operator["kind"] for operator in graph["operators"]}
    assert {"CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "MUL", "CONCATENATION"} <= kinds
    assert {"SLICE", "AVERAGE_POOL_2D", "MAX_POOL_2D", "PAD", "MEAN", "LOGISTIC"} <= kinds


def test_weights_are_in_torchs_layout(make_model: Callable[..., bytes]) -> None:
    files = translate(make_model())
    by_kind = {o["kind"]: o for o in files.graph["operators"] if "weight" in o}
    conv = by_kind["DEPTHWISE_CONV_2D"]
    weight, bias = (files.arrays[f"weight_{conv[name]}"] for name in ("weight", "bias"))
    assert (weight.shape, weight.dtype) == ((6, 1, 3, 3), np.int8)
    assert (bias.shape, bias.dtype) == ((6,), np.int32)
    assert files.arrays[f"scale_{conv['weight']}"].shape == (6,)
    assert conv["options"]["groups"] == 6
    assert conv["options"]["dilation"] == [2, 2]
    assert conv["options"]["padding"] == [2, 2, 2, 2]
    shapes = {
        files.arrays[f"weight_{o['weight']}"].shape
        for o in files.graph["operators"]
        if o["kind"] == "CONV_2D"
    }
    assert shapes == {(6, 2, 3, 3), (8, 6, 1, 1)}


def test_an_even_stride_pads_the_end(make_model: Callable[..., bytes]) -> None:
    """TensorFlow's rule: 32 to 16 with a window of 3 needs one more row, at the bottom."""
    graph = translate(make_model()).graph
    first = next(o for o in graph["operators"] if o["kind"] == "CONV_2D")
    assert first["options"]["padding"] == [0, 1, 0, 1]
    assert first["options"]["activation"] == "RELU"


def test_16_bit_weights_stay_such(make_model: Callable[..., bytes]) -> None:
    files = translate(make_model(form="float16"))
    assert {array.dtype for array in files.arrays.values()} == {np.dtype(np.float16)}
    assert "DEQUANTIZE" not in {operator["kind"] for operator in files.graph["operators"]}


def test_an_unknown_operator_is_named(make_model: Callable[..., bytes]) -> None:
    with pytest.raises(Untranslatable, match=r"^TILE$"):
        translate(make_model(kind="unknown"))


def test_a_file_of_another_structure_has_no_twin(
    make_model: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a converter of tomorrow writes, packaging goes on without a twin."""

    def fail(*arguments: object) -> None:
        raise IndexError("tensor 7 of 3")

    monkeypatch.setattr("dssd_tf.challenge.inference_package.translation.padding", fail)
    with pytest.raises(Untranslatable, match=r"does not know: IndexError\('tensor 7 of 3'\)"):
        translate(make_model())
