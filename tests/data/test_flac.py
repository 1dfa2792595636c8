import io

import numpy as np
import soundfile

from dssd_tf.data.flac import encode_flac


def test_a_waveform_survives_within_16_bits() -> None:
    waveform = np.random.default_rng(0).uniform(-1.2, 1.2, 3000).astype(np.float32)
    content = encode_flac(waveform, 16000)
    assert content.startswith(b"fLaC")
    sound, rate = soundfile.read(io.BytesIO(content))
    assert rate == 16000
    np.testing.assert_allclose(sound, waveform.clip(-1, 1), atol=2**-15)
