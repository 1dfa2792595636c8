import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.layers import FrequencySplit
from dssd_tf.layers.frequency_split import concatenate_halves


def test_harness(run_layer_test):
    run_layer_test(FrequencySplit, {}, (2, 4, 6, 3), (2, 4, 3, 3), outputs=2)


def test_low_half_comes_first():
    x = np.arange(8, dtype="float32").reshape(1, 1, 8, 1)
    low, high = FrequencySplit()(x)
    np.testing.assert_array_equal(np.ravel(low), [0, 1, 2, 3])
    np.testing.assert_array_equal(np.ravel(high), [4, 5, 6, 7])


@given(
    shape=st.tuples(*[st.integers(1, 4)] * 4).map(lambda s: (s[0], s[1], 2 * s[2], s[3])),
    seed=st.integers(0, 99),
)
@settings(max_examples=20, deadline=None)
def test_halves_concatenate_to_the_input(shape, seed):
    x = np.random.default_rng(seed).normal(size=shape).astype("float32")
    np.testing.assert_array_equal(concatenate_halves(*FrequencySplit()(x)), x)


@pytest.mark.parametrize("bands", [1, 7])
def test_odd_frequency_axis_is_refused_with_shape_and_remedy(bands):
    with pytest.raises(ValueError) as refused:
        FrequencySplit(name="halves")(np.ones((1, 4, bands, 2), "float32"))
    message = str(refused.value)
    assert message.startswith("halves: ")
    assert f"got {bands} in shape (1, 4, {bands}, 2)" in message
    assert "even number of mel bands" in message


def test_unknown_frequency_axis_is_refused():
    with pytest.raises(ValueError, match=r"got None in shape \(None, 4, None, 2\)"):
        FrequencySplit()(keras.Input((4, None, 2)))


def test_unknown_time_is_allowed():
    low, high = FrequencySplit()(keras.Input((None, 6, 2)))
    assert low.shape == high.shape == (None, None, 3, 2)
