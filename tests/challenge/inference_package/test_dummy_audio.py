"""The recording that comes with the package."""

import io

import numpy as np
import soundfile

from dssd_tf.challenge.inference_package.dummy_audio import dummy_clip, wav_file


def test_it_is_always_the_same_burst() -> None:
    clip = dummy_clip(8000, 4000)
    np.testing.assert_array_equal(clip, dummy_clip(8000, 4000))
    energy = np.square(clip.reshape(10, -1)).mean(axis=1)
    assert energy[4:6].min() > 20 * energy[[0, -1]].max()
    assert energy.min() > 0
    assert np.abs(clip).max() <= 1


def test_the_file_holds_it() -> None:
    clip = dummy_clip(8000, 4000)
    wave, rate = soundfile.read(io.BytesIO(wav_file(clip, 8000)))
    assert rate == 8000
    np.testing.assert_allclose(wave, clip, atol=1 / 32768)
