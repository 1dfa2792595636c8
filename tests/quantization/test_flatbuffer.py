import copy

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from dssd_tf.quantization.flatbuffer import code_of, content_key, pack

OPERATOR = schema.BuiltinOperator


def _tensor(buffer=0, scale=0.5, shape=(1, 4), **settings):
    quantization = schema.QuantizationParametersT(
        scale=np.float32([scale]), zeroPoint=np.int64([0])
    )
    return schema.TensorT(
        shape=np.int32(shape),
        type=schema.TensorType.INT8,
        buffer=buffer,
        quantization=quantization,
        **settings,
    )


def _model(tensors, operators=(), data=()):
    buffers = [schema.BufferT(), *(schema.BufferT(data=np.asarray(each)) for each in data)]
    graph = schema.SubGraphT(
        tensors=list(tensors),
        inputs=np.int32([0]),
        outputs=np.int32([len(tensors) - 1]),
        operators=list(operators),
    )
    code = schema.OperatorCodeT(builtinCode=OPERATOR.RESHAPE, version=1)
    return schema.ModelT(version=3, operatorCodes=[code], subgraphs=[graph], buffers=buffers)


def _reshape(source, target, shape):
    return schema.OperatorT(
        inputs=np.int32([source]),
        outputs=np.int32([target]),
        builtinOptionsType=schema.BuiltinOptions.ReshapeOptions,
        builtinOptions=schema.ReshapeOptionsT(newShape=np.int32(shape)),
    )


def _read(content):
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))


def _bytes(*numbers):
    return np.array(numbers, np.uint8)


def test_what_was_packed_is_read_back_equal():
    tensors = [_tensor(0), _tensor(1, 0.25, name=b"kernel"), _tensor(2, shape=(2, 2))]
    model = _model(tensors, [_reshape(0, 2, (2, 2))], [_bytes(1, 2, 3, 4), _bytes(5, 6)])
    content = pack(copy.deepcopy(model))
    assert content[4:8] == b"TFL3"
    again = _read(content)
    (graph,), (expected,) = again.subgraphs, model.subgraphs
    assert content_key(graph.tensors) == content_key(expected.tensors)
    assert content_key(graph.operators[0].builtinOptions) == content_key(
        expected.operators[0].builtinOptions
    )
    assert [bytes(buffer.data) for buffer in again.buffers[1:]] == [b"\1\2\3\4", b"\5\6"]


def test_packing_what_was_read_changes_nothing():
    content = pack(_model([_tensor(), _tensor(shape=(2, 2))], [_reshape(0, 1, (2, 2))]))
    assert pack(_read(content)) == content


def test_packing_a_model_twice_gives_the_same_bytes():
    model = _model([_tensor(), _tensor(), _tensor(0, 0.25)], [_reshape(0, 1, (4,))])
    assert pack(model) == pack(model)


def test_a_network_is_read_back_equal_and_takes_no_more_bytes(int8_network):
    content = pack(_read(int8_network))
    assert content == int8_network
    plain = schema.flatbuffers.Builder(1024)
    plain.Finish(_read(int8_network).Pack(plain), file_identifier=b"TFL3")
    assert len(content) < 0.9 * len(plain.Output())
    assert content_key(_read(bytes(plain.Output()))) == content_key(_read(content))


def test_equal_vectors_and_strings_are_written_once():
    tensors = [_tensor(1 + place, 0.3, name=b"the same name") for place in range(3)]
    operators = [_reshape(0, 2, range(1, 60)) for _ in range(3)]
    data = np.arange(200, dtype=np.uint8)
    content = pack(_model(tensors, operators, [data] * 3))
    shape = np.arange(1, 60, dtype="<i4")
    for part in (b"the same name", np.float32([0.3]).tobytes(), shape.tobytes(), data.tobytes()):
        assert content.count(part) == 1


def test_equal_scales_and_options_are_one_table():
    tensors = [_tensor(scale=scale) for scale in (0.3, 0.3, 0.4)]
    operators = [_reshape(0, 2, shape) for shape in ((2, 2), (2, 2), (1, 4))]
    graph = schema.Model.GetRootAs(pack(_model(tensors, operators)), 0).Subgraphs(0)
    first, second, other = (graph.Tensors(n).Quantization()._tab.Pos for n in range(3))
    assert first == second != other
    first, second, other = (graph.Operators(n).BuiltinOptions().Pos for n in range(3))
    assert first == second != other


def test_parts_that_differ_are_kept_apart():
    tensors = [_tensor(0, 0.5), _tensor(1, 0.5, name=b"a"), _tensor(2, 0.25, name=b"b")]
    model = _model(tensors, data=[_bytes(1, 2), _bytes(1, 2, 0)])
    again = _read(pack(model))
    assert [float(t.quantization.scale[0]) for t in again.subgraphs[0].tensors] == [0.5, 0.5, 0.25]
    assert [t.name for t in again.subgraphs[0].tensors] == [None, b"a", b"b"]
    assert [len(buffer.data) for buffer in again.buffers[1:]] == [2, 3]


@pytest.mark.parametrize("before", range(5))
def test_large_constants_start_at_multiples_of_sixteen(before):
    small, large = np.full(3 + before, 7, np.uint8), np.arange(256).astype(np.uint8)
    content = pack(_model([_tensor(1), _tensor(2)], data=[small, large, large[::-1].copy()]))
    assert content.index(large.tobytes()) % 16 == 0
    assert content.index(large[::-1].tobytes()) % 16 == 0
    assert content.index(small.tobytes()) % 4 == 0


@pytest.mark.parametrize(
    ("builtin", "deprecated", "expected"),
    [
        (OPERATOR.CONV_2D, OPERATOR.CONV_2D, OPERATOR.CONV_2D),
        (0, OPERATOR.CONV_2D, OPERATOR.CONV_2D),
        (OPERATOR.BATCH_MATMUL, 0, OPERATOR.BATCH_MATMUL),
        (OPERATOR.GELU, OPERATOR.PLACEHOLDER_FOR_GREATER_OP_CODES, OPERATOR.GELU),
    ],
)
def test_code_is_read_from_old_and_new_files(builtin, deprecated, expected):
    codes = [schema.OperatorCodeT(), schema.OperatorCodeT(deprecated, None, 1, builtin)]
    model = schema.ModelT(operatorCodes=codes)
    assert code_of(model, schema.OperatorT(opcodeIndex=1)) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"shape": np.int32([4, 1])},
        {"shape": np.int64([1, 4])},
        {"shape": None},
        {"type": schema.TensorType.UINT8},
        {"buffer": 3},
        {"name": b"other"},
        {"quantization": None},
    ],
    ids=lambda change: f"{next(iter(change))}",
)
def test_keys_differ_by_every_field(change):
    one, other = _tensor(), _tensor()
    assert content_key(one) == content_key(other)
    assert hash(content_key(one)) == hash(content_key(other))
    vars(other).update(change)
    assert content_key(one) != content_key(other)


def test_keys_see_the_type_of_an_object_and_what_lies_deep_in_it():
    assert content_key(schema.AddOptionsT()) != content_key(schema.SubOptionsT())
    one, other = _tensor(), _tensor()
    other.quantization.zeroPoint = np.int64([1])
    assert content_key([one]) != content_key([other])
