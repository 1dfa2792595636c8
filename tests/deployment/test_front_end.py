import numpy as np
import pytest

from dssd_tf.deployment import FrontEnd
from dssd_tf.errors import ModelError
from dssd_tf.features import LogMelConfig, LogMelExtractor


def test_its_shape_is_that_of_a_clip(front_end: FrontEnd) -> None:
    assert (front_end.samples, front_end.frames, front_end.bands) == (4000, 32, 12)
    front_end.require_fit((32, 12, 2), "model.tflite")
    with pytest.raises(ModelError, match=r"m\.tflite: takes features of shape \(44, 256, 2\)"):
        front_end.require_fit((44, 256, 2), "m.tflite")


@pytest.mark.parametrize(("n_fft", "portable"), [(4096, True), (4, True), (2, False), (96, False)])
def test_a_power_of_two_is_portable(n_fft: int, portable: bool) -> None:
    config = LogMelConfig(n_fft=n_fft, win_length=n_fft)
    assert FrontEnd(config, 1.0).portable is portable


def test_features_of_16_bit_clips(front_end: FrontEnd) -> None:
    clips = np.random.default_rng(0).integers(-9000, 9000, (2, 4000)).astype(np.int16)
    features = front_end.features(clips)
    assert features.shape == (2, 32, 12, 2)
    extract = LogMelExtractor(front_end.config)
    np.testing.assert_array_equal(features[1], extract(clips[1] / np.float32(32768)))
