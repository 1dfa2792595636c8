import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from dssd_tf.complexity import measure
from dssd_tf.errors import ModelError


@pytest.fixture(scope="module")
def flattening_folded(int8_2022, pack_tflite, tmp_path_factory):
    """The 2022 baseline as its organisers' converter wrote it: no RESHAPE before the dense layer.

    TFLite's FULLY_CONNECTED flattens its input itself, so the operator can be taken out.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(int8_2022.read_bytes(), 0))
    graph = model.subgraphs[0]
    code = schema.BuiltinOperator.RESHAPE
    (reshape,) = [
        o for o in graph.operators if model.operatorCodes[o.opcodeIndex].builtinCode == code
    ]
    for operator in graph.operators:
        operator.inputs = [
            reshape.inputs[0] if index == reshape.outputs[0] else index for index in operator.inputs
        ]
    graph.operators.remove(reshape)
    path = tmp_path_factory.mktemp("folded") / "folded.tflite"
    path.write_bytes(pack_tflite(model))
    return path


def run(path, features):
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], features)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def test_2022_baseline_known_answer(flattening_folded):
    result = measure(flattening_folded)
    assert result.macs_nessi_tflite == 29_234_920
    assert result.size_bytes == result.size_bytes_nessi == 46_512
    assert result.peak_activation_bytes == 65_280
    assert result.uncounted == () and result.macs_torchinfo is None


def test_folding_the_flattening_changes_nothing_but_the_count(flattening_folded, int8_2022):
    random = np.random.default_rng(3)
    features = random.integers(-128, 128, (1, 40, 51, 1), dtype=np.int8)
    assert (run(flattening_folded, features) == run(int8_2022, features)).all()
    folded, plain = measure(flattening_folded), measure(int8_2022)
    assert folded.macs == plain.macs
    # The dense layer's 64 inputs are stored as (2, 1, 32): NeSsi takes the last axis.
    assert plain.macs_nessi_tflite - folded.macs_nessi_tflite == (64 - 32) * 100
    assert plain.size_bytes - folded.size_bytes == 8  # the shape of the RESHAPE


def test_2022_baseline_converted_here(int8_2022, baseline_2022):
    result = measure(int8_2022)
    assert result.macs == 1_599_360 + 25_589_760 + 2_007_040 + 6_400 + 1_000
    assert result.peak_activation_bytes == 2 * 40 * 51 * 16
    assert [tensor.shape for tensor in result.peak_tensors] == [(1, 40, 51, 16)] * 2
    # All parameters but the normalizations, which are folded.
    assert result.parameters == baseline_2022.count_params() - 256
    assert result.dtypes == ("int32", "int8") and result.activation_dtypes == ("int8",)
    assert result.file_bytes == int8_2022.stat().st_size > result.size_bytes


@pytest.mark.slow
def test_float_file_has_the_macs_of_its_keras_model(baseline_2024, tmp_path):
    import keras

    model = baseline_2024(folded=True)
    # Equal biases, as fresh ones are, the converter would store once.
    random = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(random.normal(size=weight.shape))
    model.export(
        tmp_path / "saved",
        verbose=False,
        input_signature=[keras.InputSpec(shape=(1, 256, 65, 1), dtype="float32")],
    )
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved"))
    path = tmp_path / "float.tflite"
    path.write_bytes(converter.convert())
    kept, counted = measure(model), measure(path)
    assert counted.macs == kept.macs
    assert counted.parameters == kept.parameters
    assert counted.dtypes == counted.activation_dtypes == ("float32",)
    assert counted.uncounted == ()


def dense_pair(second_weights):
    weights = np.ones((4, 4), "float32")
    weights[0] = 0
    tensors = [
        ((1, 4), "FLOAT32", None),
        ((4, 4), "FLOAT32", weights),
        ((1, 4), "FLOAT32", None),
        ((1, 4), "FLOAT32", None),
        ((2,), "INT32", np.array([1, 4], "int32")),
    ]
    return tensors, [
        ("FULLY_CONNECTED", [0, 1, -1], [2]),
        ("FULLY_CONNECTED", [2, second_weights, -1], [3]),
    ]


def test_shared_constant_is_stored_once_but_nessi_counts_each_use(write_tflite):
    tensors, operators = dense_pair(1)
    result = measure(write_tflite(tensors, operators, [0], [3]))
    assert (result.parameters, result.parameters_nonzero) == (16, 12)
    assert (result.size_bytes, result.size_bytes_nonzero, result.size_bytes_nessi) == (64, 48, 128)
    assert result.macs == result.macs_nessi_tflite == 32
    assert [row.parameters for row in result.layers] == [16, 0]


def test_shape_constants_are_bytes_but_no_parameters(write_tflite):
    tensors, operators = dense_pair(1)
    operators[1] = ("RESHAPE", [2, 4], [3])
    result = measure(write_tflite(tensors, operators, [0], [3]))
    assert result.parameters == 16 and result.size_bytes == 64 + 8


def test_unknown_operators_are_named(write_tflite):
    tensors = [((1, 4), "FLOAT32", None), ((1, 4), "FLOAT32", None), ((1, 4), "FLOAT32", None)]
    path = write_tflite(
        tensors, [("CUSTOM", [0], [1]), ("RNN", [1], [2])], [0], [2], custom=b"Mystery"
    )
    result = measure(path)
    assert result.uncounted == ("t1 (CUSTOM Mystery)", "t2 (RNN)")
    assert result.macs == result.macs_nessi_tflite == 0


def test_operator_that_does_not_fit_is_refused(write_tflite):
    path = write_tflite([((1, 4), "FLOAT32", None)] * 2, [("CONV_2D", [0], [1])], [0], [1])
    with pytest.raises(ModelError, match=r"model\.tflite: holds an operator"):
        measure(path)


def test_tensor_out_of_range_is_refused(write_tflite):
    path = write_tflite([((1, 4), "FLOAT32", None)] * 2, [("ADD", [0, 7], [1])], [0], [1])
    with pytest.raises(ModelError, match="tensor 7 of 2"):
        measure(path)


def test_input_shape_is_checked(int8_2022):
    assert measure(int8_2022, input_shape=(40, 51, 1)).kind == "tflite"
    with pytest.raises(ModelError, match=r"\(40, 51, 1\).*not \(44, 256, 1\)"):
        measure(int8_2022, input_shape=(44, 256, 1))


def test_open_axes_are_refused(tmp_path):
    @tf.function(input_signature=[tf.TensorSpec([1, None, 4], "float32")])
    def forward(x):
        return tf.nn.relu(x)

    converter = tf.lite.TFLiteConverter.from_concrete_functions([forward.get_concrete_function()])
    path = tmp_path / "open.tflite"
    path.write_bytes(converter.convert())
    with pytest.raises(ModelError, match=r"open\.tflite.*leaves axes open"):
        measure(path)


def test_a_batch_other_than_one_is_refused(write_tflite):
    weights = np.ones((3, 4), "float32")
    path = write_tflite(
        [((4, 4), "FLOAT32", None), ((3, 4), "FLOAT32", weights), ((4, 3), "FLOAT32", None)],
        [("FULLY_CONNECTED", [0, 1, -1], [2])],
        [0],
        [2],
    )
    with pytest.raises(ModelError, match=r"input 't0' of shape \(4, 4\) has a batch of 4"):
        measure(path)


def test_rows_that_a_reshape_moves_into_an_open_batch_are_told(write_tflite):
    weights = np.ones((3, 4), "float32")

    def uncounted(rows):
        tensors = [
            ((1, 7, 4), "FLOAT32", None),
            ((rows, 4), "FLOAT32", None),
            ((3, 4), "FLOAT32", weights),
            ((rows, 3), "FLOAT32", None),
        ]
        operators = [("RESHAPE", [0], [1]), ("FULLY_CONNECTED", [1, 2, -1], [3])]
        found = measure(write_tflite(tensors, operators, [0], [3]))
        return found.uncounted, found.macs

    assert uncounted(7) == ((), 84)
    assert uncounted(1) == (("t1 (RESHAPE of a batch that is left open)",), 12)


def test_weights_unpacked_from_16_bits_are_no_activations(write_tflite):
    tensors = [
        ((1, 4), "FLOAT32", None),
        ((3, 4), "FLOAT16", np.ones((3, 4), "float16")),
        ((3, 4), "FLOAT32", None),
        ((1, 3), "FLOAT32", None),
    ]
    operators = [("DEQUANTIZE", [1], [2]), ("FULLY_CONNECTED", [0, 2, -1], [3])]
    found = measure(write_tflite(tensors, operators, [0], [3]))
    assert found.peak_activation_bytes == 4 * (4 + 3)
    assert (found.parameters, found.size_bytes) == (12, 24)


def test_an_input_shape_of_another_kind_is_refused(int8_2022):
    with pytest.raises(ModelError, match="not 8"):
        measure(int8_2022, input_shape=8)
