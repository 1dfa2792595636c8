import pytest
from ai_edge_litert import schema_py_generated as schema

from dssd_tf.deployment.tflm_operators import METHODS, resolver_methods
from dssd_tf.errors import ModelError


def test_every_kind_is_of_the_schema() -> None:
    assert set(METHODS) <= set(vars(schema.BuiltinOperator))
    assert len(METHODS) == len(set(METHODS.values())) > 80


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("CONV_2D", "AddConv2D"),
        ("DEPTHWISE_CONV_2D", "AddDepthwiseConv2D"),
        ("FULLY_CONNECTED", "AddFullyConnected"),
        ("AVERAGE_POOL_2D", "AddAveragePool2D"),
        ("STRIDED_SLICE", "AddStridedSlice"),
        ("PADV2", "AddPadV2"),
        ("BATCH_MATMUL", "AddBatchMatMul"),
        ("SPACE_TO_BATCH_ND", "AddSpaceToBatchNd"),
        ("SPLIT_V", "AddSplitV"),
        ("L2_POOL_2D", "AddL2Pool2D"),
        ("RELU6", "AddRelu6"),
        ("CUMSUM", "AddCumSum"),
        ("UNIDIRECTIONAL_SEQUENCE_LSTM", "AddUnidirectionalSequenceLSTM"),
    ],
)
def test_names_as_the_resolver_writes_them(kind: str, method: str) -> None:
    assert METHODS[kind] == method


def test_the_order_is_kept() -> None:
    assert resolver_methods(["MUL", "ADD"], "m.tflite") == ["AddMul", "AddAdd"]


def test_what_it_lacks_is_named() -> None:
    with pytest.raises(ModelError) as caught:
        resolver_methods(["ADD", "GELU", "CUSTOM FlexErf"], "m.tflite")
    assert str(caught.value).startswith("m.tflite: uses operators that TensorFlow Lite Micro does")
    assert "GELU, CUSTOM FlexErf —" in str(caught.value)
