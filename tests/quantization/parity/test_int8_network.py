import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.evaluation import TFLitePredictor
from dssd_tf.quantization.parity.int8_network import INPUT, Int8Network, Int8Tensor


def tensor(zero_point, scale=0.5):
    return Int8Tensor(0, "CONV_2D", (4,), (), True, scale, zero_point, (-128, 127))


def test_ends_of_the_range_count_unless_they_stand_for_zero():
    raw = np.array([-128, -128, -127, 0, 126, 127], dtype=np.int8)
    assert tensor(0).saturated(raw) == 3
    assert tensor(-128).saturated(raw) == 1
    assert tensor(127).saturated(raw) == 2


def test_clipped_values_lie_outside_by_more_than_half_a_step():
    # With the zero point at -128, the range is 0 to 127.5 in steps of 0.5.
    values = np.array([-0.3, -0.2, 0.0, 127.7, 127.8, 1e9])
    assert tensor(-128).clipped(values) == 3


def test_real_values():
    raw = np.array([-128, 0, 127], dtype=np.int8)
    assert np.array_equal(tensor(-28).real(raw), [-50.0, 14.0, 77.5])


def test_tensors_are_linked_and_end_in_the_output(int8_network, clips):
    network = Int8Network(int8_network)
    assert network.input_shape == (16, 16, 2)
    first, *others = network.tensors
    assert (first.operator, first.inputs) == (INPUT, ())
    for place, one in enumerate(others, start=1):
        assert one.inputs and max(one.inputs) < place
    kinds = {one.operator: one.weighted for one in others}
    assert kinds["CONV_2D"] and kinds["FULLY_CONNECTED"] and not kinds["ADD"]
    features = clips(3, (16, 16, 2), seed=5)
    predictor = TFLitePredictor(int8_network)
    for clip in features:
        raw = network.run(clip)
        assert [len(one) for one in raw] == [int(np.prod(t.shape)) for t in network.tensors]
        # The kernels of the delegate round in their own way, by a step at most a layer.
        found = network.tensors[-1].real(raw[-1])
        steps = np.abs(found - predictor(clip[None])[0]) / network.tensors[-1].scale
        assert steps.max() <= 3


def test_a_float_file_and_no_file_are_refused(model_file_float):
    with pytest.raises(ModelError, match="is float32, not int8"):
        Int8Network(model_file_float)
    with pytest.raises(ModelError, match="no readable"):
        Int8Network(b"nothing")
