import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.layers import EfficientChannelAttention


@pytest.mark.parametrize("kernel_size", [3, 5])
def test_harness(run_layer_test, kernel_size):
    run_layer_test(
        EfficientChannelAttention, {"kernel_size": kernel_size}, (2, 4, 6, 5), (2, 4, 6, 5)
    )


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
def test_equals_the_formula(randomize, reference, kernel_size):
    x = np.random.default_rng(0).normal(1.0, 1.0, size=(2, 3, 5, 7)).astype("float32")
    layer = EfficientChannelAttention(kernel_size)
    layer.build(x.shape)
    randomize(layer)
    assert layer.count_params() == kernel_size
    expected = reference.attention(layer, x.astype("float64"))
    np.testing.assert_allclose(layer(x), expected, atol=1e-4)


def test_zero_kernel_halves_the_input():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")
    layer = EfficientChannelAttention()
    layer.build(x.shape)
    layer.set_weights([np.zeros((3, 1, 1), "float32")])
    np.testing.assert_allclose(layer(x), x / 2, atol=1e-6)


@given(channel=st.integers(0, 7), seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_a_channel_reaches_only_its_neighbours_gates(channel, seed):
    x = np.random.default_rng(seed).uniform(0.5, 1.5, size=(1, 2, 3, 8)).astype("float32")
    layer = EfficientChannelAttention(3)
    layer.build(x.shape)
    layer.set_weights([np.full((3, 1, 1), 0.5, "float32")])
    louder = x.copy()
    louder[..., channel] += 1.0
    gates, moved = np.asarray(layer(x)) / x, np.asarray(layer(louder)) / louder
    changed = np.flatnonzero(np.abs(gates - moved).max(axis=(0, 1, 2)) > 1e-3)
    expected = [c for c in range(channel - 1, channel + 2) if 0 <= c < 8]
    assert changed.tolist() == expected


@pytest.mark.parametrize("kernel_size", [0, 2, -3])
def test_kernel_size_must_be_odd_and_positive(kernel_size):
    with pytest.raises(ValueError, match=f"gate: kernel_size .* got {kernel_size}"):
        EfficientChannelAttention(kernel_size, name="gate")
