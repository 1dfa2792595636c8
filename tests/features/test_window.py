import numpy as np
import pytest

from dssd_tf.features.window import analysis_window


@pytest.mark.parametrize("win_length", [512, 400, 401])
def test_window_is_a_periodic_hann_in_the_middle(small, win_length):
    window = analysis_window(small(win_length=win_length))
    left = (512 - win_length) // 2
    expected = np.sin(np.pi * np.arange(win_length) / win_length) ** 2
    assert window.shape == (512,) and window.dtype == np.float64
    np.testing.assert_allclose(window[left : left + win_length], expected, atol=1e-15)
    assert window[:left].sum() == window[left + win_length :].sum() == 0
