import keras
import numpy as np
import pytest
import tensorflow as tf
from pydantic import ValidationError

from dssd_tf.features import LogMelConfig, LogMelExtractor, LogMelSpectrogram


@pytest.fixture(scope="module")
def batch(signals):
    """All hard signals, (signals, 11025)."""
    return np.stack(list(signals.values()))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"win_length": 401, "hop_length": 100},
        {"n_fft": 511, "win_length": 511},
        {"mel_scale": "slaney", "mel_norm": None, "n_mels": 40},
        {"fmin": 200.0, "fmax": 8000.0, "log_offset": 1e-6},
        {"sampling_rate": 32000, "n_fft": 4096, "win_length": 3072, "hop_length": 500},
    ],
)
def test_log_mels_equal_librosa(small, batch, librosa_log_mel, changes):
    config = small(**changes)
    found = LogMelSpectrogram.from_config_object(config).log_mel(batch)
    expected = np.stack([librosa_log_mel(waveform, config) for waveform in batch])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "changes", [{}, {"deltas": False}, {"standardize": "none"}, {"band_centred": True}]
)
def test_features_equal_the_extractors(small, signals, changes):
    config = small(**changes)
    layer, extract = LogMelSpectrogram.from_config_object(config), LogMelExtractor(config)
    # The deltas of a steady sound are nothing but rounding, blown up by the standardisation.
    loud = np.stack([signals[n] for n in ("noise", "rumble", "fading", "impulse", "silence")])
    found = layer(loud)
    assert found.dtype == tf.float32 and found.shape == (5, *config.shape(11025))
    expected = np.stack([extract(waveform) for waveform in loud])
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5)


def test_layer_works_compiled_and_in_a_dataset(small, batch):
    layer = LogMelSpectrogram.from_config_object(small(standardize="none"))
    expected = layer(batch)
    jitted = tf.function(layer, jit_compile=True)(batch)
    np.testing.assert_allclose(jitted, expected, rtol=0, atol=1e-5)
    dataset = tf.data.Dataset.from_tensor_slices(batch).batch(4).map(layer, num_parallel_calls=2)
    assert dataset.element_spec.shape.as_list() == [None, 22, 16, 2]
    found = np.concatenate(list(dataset.as_numpy_iterator()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_model_from_waveform_to_features_is_saved_and_loaded(small, batch, tmp_path):
    config = small(standardize="none", n_mels=40)
    inputs = keras.Input((11025,))
    model = keras.Model(inputs, LogMelSpectrogram.from_config_object(config)(inputs))
    assert model.output_shape == (None, 22, 40, 2)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    expected = np.stack([LogMelExtractor(config)(waveform) for waveform in batch])
    np.testing.assert_allclose(loaded(batch), expected, rtol=0, atol=1e-5)


def test_unknown_length_gives_unknown_time(small, batch):
    inputs = keras.Input((None,))
    model = keras.Model(inputs, LogMelSpectrogram.from_config_object(small())(inputs))
    assert model.output_shape == (None, None, 16, 2)
    assert model(batch[:2, :5000]).shape == (2, 10, 16, 2)


def test_settings_are_plain_and_make_the_layer_again(small):
    config = small(fmax=8000.0, mel_norm=None)
    layer = LogMelSpectrogram.from_config_object(config, name="front_end")
    settings = layer.get_config()
    assert settings["name"] == "front_end"
    assert config == LogMelConfig(**{key: settings[key] for key in LogMelConfig.model_fields})
    assert LogMelSpectrogram.from_config(settings).features == config
    assert LogMelSpectrogram(n_mels=8, n_fft=64, win_length=64).features.n_mels == 8


def test_half_precision_policies_and_inputs_change_nothing(small, batch):
    expected = LogMelSpectrogram.from_config_object(small())(batch)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        layer = LogMelSpectrogram.from_config_object(small())
        found, symbolic = layer(batch), layer(keras.Input((11025,)))
    finally:
        keras.config.set_dtype_policy("float32")
    assert found.dtype == tf.float32 and symbolic.dtype == "float32"
    np.testing.assert_array_equal(found, expected)
    wide = LogMelSpectrogram.from_config_object(small())(batch.astype("float64"))
    np.testing.assert_array_equal(wide, expected)


def test_wrong_waveforms_and_settings_are_named(small):
    layer = LogMelSpectrogram.from_config_object(small())
    assert layer.compute_output_shape((None, 257)) == (None, 1, 16, 2)
    with pytest.raises(ValueError, match=r"256 samples.*n_fft 512 needs more than 256"):
        layer(np.zeros((1, 256), "float32"))
    with pytest.raises(ValueError, match=r"\(batch, samples\), got shape \(5000,\)"):
        layer(np.zeros(5000, "float32"))
    with pytest.raises(ValidationError, match="win_length 4096 exceeds n_fft 512"):
        LogMelSpectrogram(n_fft=512)
