import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dssd_tf.features import LogMelConfig, LogMelExtractor


def test_one_second_at_the_defaults_is_44_frames_of_256_bands_and_deltas():
    config = LogMelConfig()
    assert config.frames(44100) == 44
    assert config.shape(44100) == (44, 256, 2)
    assert config.shape(441000) == (431, 256, 2)


def test_channels_follow_the_deltas():
    assert LogMelConfig(deltas=False).channels == 1
    assert LogMelConfig(deltas=True).channels == 2
    assert LogMelConfig(deltas=True, band_centred=True).channels == 3


@given(
    samples=st.integers(400, 3000),
    n_fft=st.integers(64, 600),
    hop_length=st.integers(50, 700),
)
@settings(max_examples=40, deadline=None)
def test_shape_is_the_shape_of_the_features(samples, n_fft, hop_length):
    config = LogMelConfig(n_fft=n_fft, win_length=64, hop_length=hop_length, n_mels=2, fmin=500)
    waveform = np.random.default_rng(0).normal(size=samples)
    assert LogMelExtractor(config)(waveform).shape == config.shape(samples)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"win_length": 4097}, "win_length 4097 exceeds n_fft 4096"),
        ({"fmax": 22051.0}, "fmax 22051.0"),
        ({"fmin": 500.0, "fmax": 500.0}, "fmin 500.0"),
        ({"fmin": 22050.0}, "fmin 22050.0 must be below half the sampling rate, 22050.0"),
        ({"sampling_rate": 8000, "fmin": 5000.0}, "fmin 5000.0"),
        ({"sampling_rate": 0}, "sampling_rate"),
        ({"hop_length": 0}, "hop_length"),
        ({"n_mels": -1}, "n_mels"),
        ({"fmin": -1.0}, "fmin"),
        ({"fmin": float("nan")}, "fmin"),
        ({"log_offset": 0.0}, "log_offset"),
        ({"log_offset": 1e-50}, "log_offset"),
        ({"mel_scale": "bark"}, "mel_scale"),
        ({"mel_norm": "l1"}, "mel_norm"),
        ({"standardize": "dataset"}, "standardize"),
        ({"n_mel": 64}, "n_mel"),
    ],
)
def test_invalid_settings_are_refused_by_name(settings, told):
    with pytest.raises(ValidationError) as refused:
        LogMelConfig(**settings)
    assert told in str(refused.value)


def test_half_the_sampling_rate_is_a_valid_upper_edge():
    assert LogMelConfig(fmin=0.0, fmax=22050.0).fmax == 22050.0


def test_configuration_is_frozen_and_survives_its_own_dump():
    config = LogMelConfig(n_mels=64, fmax=16000.0, mel_norm=None)
    assert LogMelConfig(**config.model_dump()) == config
    with pytest.raises(ValidationError, match="frozen"):
        config.n_mels = 128


def test_description_names_what_a_submission_must_say():
    text = LogMelConfig(n_mels=64, hop_length=500).describe()
    assert "log-mel" in text and "64 bands" in text and "500" in text and "44100 Hz" in text
    assert text.endswith("deltas") and "\n" not in text
    assert "deltas" not in LogMelConfig(deltas=False).describe()
