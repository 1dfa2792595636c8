import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from dssd_tf.evaluation.predictor import TFLitePredictor
from dssd_tf.quantization.qat.bias_grid import settle_biases
from dssd_tf.quantization.qat.conversion import convert_twin
from dssd_tf.quantization.qat.twin import fake_quant_logits


def _biases(twin):
    layers = (getattr(layer, "layer", layer) for layer in twin.model.layers)
    return [np.asarray(layer.bias) for layer in layers if getattr(layer, "bias", None) is not None]


def _integers_of(content):
    """Real values of the 32-bit integers in a file."""
    interpreter = Interpreter(model_content=content, experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    found = []
    for detail in interpreter.get_tensor_details():
        scales = detail["quantization_parameters"]["scales"]
        if detail["dtype"] == np.int32 and len(scales):
            found.append(interpreter.get_tensor(detail["index"]) * scales)
    return found


def test_settled_biases_are_the_integers_of_the_file(twin):
    before = _biases(twin)
    settle_biases(twin)
    settled = _biases(twin)
    assert any(not np.array_equal(*pair) for pair in zip(before, settled, strict=True))
    held = _integers_of(convert_twin(twin))
    for bias in settled:
        distances = [np.abs(bias - other).max() for other in held if other.shape == bias.shape]
        assert min(distances) < 1e-6


def test_settling_again_changes_nothing(twin):
    settle_biases(twin)
    once = _biases(twin)
    settle_biases(twin)
    for bias, other in zip(_biases(twin), once, strict=True):
        np.testing.assert_allclose(bias, other, rtol=0, atol=1e-7)


@pytest.mark.slow
def test_twin_and_file_come_nearer(twin, task):
    x = task(200, 5)[0]

    def difference():
        return np.abs(TFLitePredictor(convert_twin(twin))(x) - fake_quant_logits(twin, x)).mean()

    before = difference()
    settle_biases(twin)
    assert difference() < before / 4
    assert before > 0


@pytest.mark.parametrize("name", ["mix", "logits"])
def test_a_bias_moves_by_half_a_step_at_most(twin, name):
    layer = twin.model.get_layer(name)
    largest = np.asarray(layer._weight_vars[0][2]["max"])
    before = np.asarray(layer.layer.bias)
    settle_biases(twin)
    moved = np.abs(np.asarray(layer.layer.bias) - before)
    ranges = [float(pair["max"]) - float(pair["min"]) for pair in twin.ranges.shared.values()]
    assert (moved <= max(ranges) / 255 * largest / 127 / 2 * 1.001).all()
