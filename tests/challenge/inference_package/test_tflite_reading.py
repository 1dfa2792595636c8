from collections.abc import Callable

import numpy as np
import pytest

from dssd_tf.challenge.inference_package.tflite_reading import Network, Operator
from dssd_tf.evaluation.predictor import open_interpreter


@pytest.fixture
def network(make_model: Callable[..., bytes]) -> Network:
    return Network(make_model())


def test_input_and_output_are_litert_s(network: Network, make_model: Callable[..., bytes]) -> None:
    interpreter = open_interpreter(make_model())
    (given,), (got,) = interpreter.get_input_details(), interpreter.get_output_details()
    for index, details in ((network.input, given), (network.output, got)):
        assert network.shape(index) == tuple(details["shape"])
        assert network.dtype(index) == "int8"
        scale, zero_point = details["quantization"]
        assert network.scales(index) == pytest.approx([scale])
        assert list(network.zero_points(index)) == [zero_point]
        assert network.constant(index) is None


def _first(network: Network, kind: str) -> Operator:
    return next(operator for operator in network.operators if operator.kind == kind)


def test_constants_have_their_shapes_types_and_scales(network: Network) -> None:
    convolution = _first(network, "CONV_2D")
    weight, bias = (network.constant(index) for index in convolution.inputs[1:3])
    assert weight is not None and bias is not None
    assert (weight.shape, weight.dtype) == ((6, 3, 3, 2), np.int8)
    assert (bias.shape, bias.dtype) == ((6,), np.int32)
    scales = network.scales(convolution.inputs[1])
    assert scales is not None and scales.shape == (6,)


def test_options_by_the_schema_s_name(network: Network) -> None:
    convolution = _first(network, "CONV_2D")
    assert (convolution.option("strideH"), convolution.option("strideW")) == (2, 2)
    assert convolution.activation == "RELU"
    assert convolution.same_padding
    assert convolution.option("noSuchOption", 7) == 7


def test_16_bit_weights_are_read_through_their_dequantize(
    make_model: Callable[..., bytes],
) -> None:
    half = Network(make_model(form="float16"))
    weight = half.constant(_first(half, "CONV_2D").inputs[1])
    assert weight is not None and weight.dtype == np.float16
