import numpy as np
import pytest
import tf_keras

from dssd_tf.quantization.qat.quantizers import (
    FixedQuantizer,
    RangeQuantizer,
    Ranges,
    WeightQuantizer,
)


def _symmetric(values, largest):
    step = largest / 127
    return np.round(values / step) * step


@pytest.mark.parametrize(
    ("kind", "shape", "axes"),
    [
        ("conv", (3, 3, 4, 5), (0, 1, 2)),
        ("depthwise", (3, 3, 4, 2), (0, 1)),
        ("dense", (6, 5), None),
    ],
)
def test_weights_are_rounded_by_their_largest(kind, shape, axes):
    random = np.random.default_rng(0)
    weights = (random.normal(size=shape) * 10.0 ** random.integers(-2, 2, shape[-1])).astype("f4")
    quantizer = WeightQuantizer(kind)
    variables = quantizer.build(shape, "kernel", tf_keras.layers.Layer())
    found = np.asarray(quantizer(weights, True, variables))
    largest = np.abs(weights).max(axis=axes, keepdims=axes is not None)
    np.testing.assert_allclose(found, _symmetric(weights, largest), atol=1e-6 * largest.max())
    # Outside training the range stays.
    kept = np.asarray(quantizer(weights * 0.4, False, variables))
    np.testing.assert_allclose(kept, _symmetric(weights * 0.4, largest), atol=1e-6 * largest.max())


def test_a_channel_of_zeros_keeps_a_scale():
    quantizer = WeightQuantizer("conv")
    variables = quantizer.build((1, 1, 2, 2), "kernel", tf_keras.layers.Layer())
    kernel = np.zeros((1, 1, 2, 2), "f4")
    kernel[..., 0] = 1
    np.testing.assert_array_equal(quantizer(kernel, True, variables), kernel)
    assert (np.asarray(variables["max"]) > 0).all()


def test_a_fixed_range_has_steps_of_a_256th():
    found = np.asarray(FixedQuantizer(0.0, 255 / 256)(np.float32([-1, 0.5, 0.501, 2]), False, {}))
    np.testing.assert_allclose(found, [0, 0.5, 0.5, 255 / 256])


def _observer(ranges, group=0, observes=True):
    quantizer = RangeQuantizer(ranges, group, observes)
    return quantizer, quantizer.build((None, 2), "output", tf_keras.layers.Layer())


def test_a_shared_range_is_the_union_of_its_tensors():
    ranges = Ranges(decay=0.0)
    one, of_one = _observer(ranges)
    other, of_other = _observer(ranges)
    one(np.float32([[-1, 2]]), True, of_one)
    other(np.float32([[0.5, 6]]), True, of_other)
    ranges.unite()
    assert float(ranges.shared[0]["min"]) == -1 and float(ranges.shared[0]["max"]) == 6
    found = np.asarray(one(np.float32([[-3, 9]]), False, of_one))
    step = 7 / 255
    np.testing.assert_allclose(found, [[-1, 6]], atol=step)


def test_averages_move_by_their_decay_and_stand_still_when_frozen():
    ranges = Ranges(decay=0.75)
    quantizer, variables = _observer(ranges)
    quantizer(np.float32([[-6, 10]]), True, variables)
    assert float(variables["max"]) == 7 and float(variables["min"]) == -6
    quantizer(np.float32([[-100, 100]]), False, variables)
    ranges.observing.assign(False)
    quantizer(np.float32([[-100, 100]]), True, variables)
    assert float(variables["max"]) == 7 and float(variables["min"]) == -6


def test_a_range_above_zero_still_holds_zero():
    ranges = Ranges(decay=0.0)
    quantizer, variables = _observer(ranges)
    quantizer(np.float32([[3, 5]]), True, variables)
    ranges.unite()
    assert float(ranges.shared[0]["min"]) == 0


def test_a_tensor_that_does_not_observe_has_no_average():
    ranges = Ranges(decay=0.0)
    _observer(ranges)
    _, variables = _observer(ranges, observes=False)
    assert variables == {} and len(ranges.observed[0]) == 1
