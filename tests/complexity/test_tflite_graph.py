import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dssd_tf.complexity import measure
from dssd_tf.complexity.tflite_graph import Tensor, read_tflite
from dssd_tf.errors import ModelError


def test_reads_operators_in_order(int8_2022):
    graph = read_tflite(int8_2022)
    kinds = [operator.kind for operator in graph.operators]
    assert kinds.count("CONV_2D") == 3 and kinds.count("MAX_POOL_2D") == 2
    assert kinds[-1] == "SOFTMAX"
    pools = [op.pool for op in graph.operators if op.pool]
    assert pools == [(5, 5), (4, 10)]
    assert graph.tensors[graph.inputs[0]].shape == (1, 40, 51, 1)
    assert graph.tensors[graph.inputs[0]].dtype == "int8"


def test_agrees_with_the_interpreter(int8_2022):
    from ai_edge_litert.interpreter import Interpreter

    graph = read_tflite(int8_2022)
    interpreter = Interpreter(str(int8_2022))
    details = {row["index"]: row for row in interpreter.get_tensor_details()}
    for index, tensor in enumerate(graph.tensors):
        assert tuple(details[index]["shape"]) == tensor.shape
        assert details[index]["name"] == tensor.name
        assert np.dtype(details[index]["dtype"]).name == tensor.dtype


@pytest.mark.parametrize("content", [b"", b"short", b"\x20\0\0\0NOPE" + bytes(64)])
def test_other_content_is_refused(tmp_path, content):
    path = tmp_path / "other.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"other\.tflite: is not a TFLite model"):
        measure(path)


def test_identifier_alone_is_damaged(tmp_path):
    path = tmp_path / "empty.tflite"
    path.write_bytes(b"\x08\0\0\0TFL3" + bytes(8))
    with pytest.raises(ModelError, match=r"empty\.tflite: is a damaged TFLite model"):
        measure(path)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(fraction=st.floats(0, 0.999))
def test_truncated_file_is_refused(int8_2022, tmp_path, fraction):
    whole = int8_2022.read_bytes()
    path = tmp_path / "cut.tflite"
    path.write_bytes(whole[: int(fraction * len(whole))])
    with pytest.raises(ModelError, match=r"cut\.tflite") as caught:
        measure(path)
    assert "\n" not in str(caught.value)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255))
def test_flipped_bytes_never_show_a_traceback(int8_2022, tmp_path, place, value):
    content = bytearray(int8_2022.read_bytes())
    content[int(place * len(content))] = value
    path = tmp_path / "flipped.tflite"
    path.write_bytes(content)
    try:
        result = measure(path)
    except ModelError as error:
        assert "flipped.tflite" in str(error)
    else:
        assert result.macs >= 0


def test_constant_with_missing_bytes_is_damaged(write_tflite):
    tensors = [
        ((1, 4), "FLOAT32", None),
        ((2, 4), "FLOAT32", np.zeros(7, "float32")),
        ((1, 2), "FLOAT32", None),
    ]
    path = write_tflite(tensors, [("FULLY_CONNECTED", [0, 1, -1], [2])], [0], [2])
    with pytest.raises(ModelError, match=r"constant 't1' has 28 bytes, not 32"):
        measure(path)


@pytest.mark.parametrize(
    ("dtype", "stored", "elements", "size", "nonzero"),
    [
        ("int8", np.array([0, -1, 2], "int8"), 3, 3, 2),
        ("int32", np.array([0, 256, -(2**31)], "int32"), 3, 12, 2),
        ("float32", np.array([0.0, -0.0, 1e-40], "float32"), 3, 12, 1),
        ("float16", np.array([0.0, -0.0, 1.5], "float16"), 3, 6, 1),
        ("int4", np.array([0x10, 0x02], "uint8"), 3, 2, 2),
        ("int4", np.array([0x00, 0xF3], "uint8"), 3, 2, 1),
        ("float64", np.array([0.0, 2.0]), 2, 16, 1),
    ],
)
def test_sizes_and_zeros_by_type(dtype, stored, elements, size, nonzero):
    data = np.frombuffer(stored.tobytes(), np.uint8)
    tensor = Tensor("t", (elements,), dtype, False, False, data)
    assert (tensor.bytes, tensor.nonzero) == (size, nonzero)
    assert tensor.nonzero_bytes <= tensor.bytes
