import pickle
from concurrent.futures import ThreadPoolExecutor

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.features import LogMelConfig, LogMelExtractor
from dssd_tf.features.filter_bank import filter_bank
from dssd_tf.features.window import analysis_window


def _tone(frequency: float, samples: int = 11025) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(samples) / 44100).astype("float32")


FRONT_ENDS = {
    "small": {},
    "short window": {"win_length": 400},
    "odd window": {"win_length": 401, "hop_length": 100},
    "odd transform": {"n_fft": 511, "win_length": 511},
    "prime transform": {"n_fft": 509, "win_length": 300, "hop_length": 97},
    "hop over the window": {"hop_length": 700},
    "Slaney without norm": {"mel_scale": "slaney", "mel_norm": None},
    "HTK without norm": {"mel_norm": None},
    "edges": {"fmin": 200.0, "fmax": 8000.0, "log_offset": 1e-6},
    "22.05 kHz": {"sampling_rate": 22050},
    "32 kHz": {"sampling_rate": 32000, "n_fft": 1024, "win_length": 768, "hop_length": 125},
    "peer": {"sampling_rate": 32000, "n_fft": 4096, "win_length": 3072, "hop_length": 500},
}


@pytest.mark.parametrize("changes", FRONT_ENDS.values(), ids=FRONT_ENDS.keys())
def test_every_signal_equals_librosa(small, signals, librosa_log_mel, changes):
    config = small(**changes)
    extract = LogMelExtractor(config)
    for name, waveform in signals.items():
        found = extract.log_mel(waveform)
        assert found.dtype == np.float32
        expected = librosa_log_mel(waveform, config)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("name", ["noise", "rumble", "hum", "fading", "square"])
def test_defaults_equal_librosa_on_a_second(signals, librosa_log_mel, name):
    waveform = np.resize(signals[name], 44100)
    found = LogMelExtractor(LogMelConfig()).log_mel(waveform)
    assert found.shape == (44, 256)
    expected = librosa_log_mel(waveform, LogMelConfig())
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_a_signal_of_twelve_decades_keeps_its_quiet_bands(signals, librosa_log_mel):
    waveform, config = np.tile(signals["hum"], 4), LogMelConfig(deltas=False)
    expected = librosa_log_mel(waveform, config)
    assert np.ptp(expected, axis=1).max() > 12
    found = LogMelExtractor(config).log_mel(waveform)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_librosa_as_it_is_called_by_default_gives_the_same_numbers(noise):
    mel = librosa.feature.melspectrogram(
        y=noise, sr=44100, n_fft=4096, hop_length=1024, n_mels=256, htk=True, pad_mode="reflect"
    )
    found = LogMelExtractor(LogMelConfig()).log_mel(noise)
    np.testing.assert_allclose(found, np.log10(mel.T + 1e-10), rtol=0, atol=1e-5)


@pytest.mark.parametrize("block", [1, 3 * 512, 5 * 512])
def test_frames_do_not_depend_on_the_blocks_they_are_transformed_in(
    small, noise, monkeypatch, block
):
    whole = LogMelExtractor(small()).log_mel(noise)
    monkeypatch.setattr("dssd_tf.features.log_mel._BLOCK", block)
    np.testing.assert_allclose(LogMelExtractor(small()).log_mel(noise), whole, atol=1e-6)


def test_a_tone_is_loudest_in_the_band_around_it(small):
    config = small(mel_norm=None)
    edges = librosa.mel_frequencies(config.n_mels + 2, fmin=0, fmax=22050, htk=True)
    for band in (3, 8, 14):
        log_mel = LogMelExtractor(config).log_mel(_tone(edges[band + 1]))
        assert set(log_mel[2:-2].argmax(axis=1)) == {band}


@pytest.mark.parametrize("log_offset", [1e-10, 3e-7, 1.234e-5, 0.3])
def test_silence_is_the_offset_and_zero_once_standardised(small, log_offset):
    extract = LogMelExtractor(small(log_offset=log_offset))
    silence = np.zeros(5777, "float32")
    np.testing.assert_allclose(extract.log_mel(silence), np.log10(log_offset), atol=1e-5)
    np.testing.assert_allclose(extract(silence), 0, atol=1e-6)


def test_channels_are_standardised_with_the_unbiased_deviation(small, noise):
    features = LogMelExtractor(small())(noise).astype("float64")
    assert features.shape == small().shape(len(noise))
    np.testing.assert_allclose(features.mean(axis=(0, 1)), 0, atol=1e-6)
    np.testing.assert_allclose(features.std(axis=(0, 1), ddof=1), 1, atol=1e-6)


def test_first_channel_is_the_standardised_log_mel(small, noise):
    extract = LogMelExtractor(small())
    raw = extract.log_mel(noise).astype("float64")
    expected = (raw - raw.mean()) / raw.std(ddof=1)
    np.testing.assert_allclose(extract(noise)[..., 0], expected, atol=1e-5)


def test_without_standardisation_the_values_are_raw(small, noise):
    extract = LogMelExtractor(small(standardize="none"))
    np.testing.assert_array_equal(extract(noise)[..., 0], extract.log_mel(noise))


@pytest.mark.parametrize("samples", [300, 600, 1100, 11025])
def test_deltas_are_the_regression_over_five_frames_with_replicated_edges(small, noise, samples):
    features = LogMelExtractor(small(standardize="none"))(noise[:samples]).astype("float64")
    values, frames = features[..., 0], len(features)

    def at(step):
        return values[np.clip(np.arange(frames) + step, 0, frames - 1)]

    expected = sum(n * (at(n) - at(-n)) for n in (1, 2)) / (2 * (1 + 4))
    np.testing.assert_allclose(features[..., 1], expected, atol=1e-5)


def test_deltas_are_taken_of_the_standardised_channel_and_standardised_again(small, noise):
    features = LogMelExtractor(small())(noise).astype("float64")
    values = np.pad(features[..., 0], ((2, 2), (0, 0)), mode="edge")
    deltas = (2 * (values[4:] - values[:-4]) + values[3:-1] - values[1:-3]) / 10
    expected = (deltas - deltas.mean()) / deltas.std(ddof=1)
    np.testing.assert_allclose(features[..., 1], expected, atol=1e-4)


def test_without_deltas_there_is_one_channel(small, noise):
    single = LogMelExtractor(small(deltas=False))(noise)
    assert single.shape[-1] == 1
    np.testing.assert_array_equal(single[..., 0], LogMelExtractor(small())(noise)[..., 0])


@given(hops=st.integers(1, 5))
@settings(max_examples=5, deadline=None)
def test_a_shift_by_hops_shifts_the_frames(small, noise, hops):
    extract = LogMelExtractor(small())
    shift = hops * 512
    whole, later = extract.log_mel(noise), extract.log_mel(noise[shift:])
    # The first frame sees the reflected edge.
    np.testing.assert_array_equal(later[1:], whole[hops + 1 :])


@given(gain=st.floats(1e-3, 1.0))
@settings(max_examples=20, deadline=None)
def test_gain_moves_the_log_mel_by_twice_its_logarithm(small, noise, gain):
    extract = LogMelExtractor(small(log_offset=1e-30))
    expected = extract.log_mel(noise) + 2 * np.log10(gain)
    np.testing.assert_allclose(extract.log_mel(noise * gain), expected, atol=1e-5)


@given(position=st.integers(1024, 10000))
@settings(max_examples=20, deadline=None)
def test_an_impulse_has_the_same_power_in_every_bin(small, position):
    impulse = np.zeros(11025, "float32")
    impulse[position] = 1
    config = small(log_offset=1e-20)
    mel = 10.0 ** LogMelExtractor(config).log_mel(impulse).astype("float64")
    frame = round(position / config.hop_length)
    at = position - (frame * config.hop_length - config.n_fft // 2)
    power = analysis_window(config)[at] ** 2
    expected = power * filter_bank(config).dense().sum(axis=1)
    np.testing.assert_allclose(mel[frame], expected, rtol=1e-4)


def test_mel_power_is_the_sum_of_the_bands_bins(small, noise):
    config = small()
    window = analysis_window(config)
    frame = np.fft.rfft(noise[512:1024].astype("float64") * window)
    expected = filter_bank(config).dense().astype("float64") @ np.abs(frame) ** 2
    # With a hop of 512, the centred frame 1 begins at sample 256.
    found = LogMelExtractor(config).log_mel(noise[256:])[1]
    np.testing.assert_allclose(10.0**found, expected + config.log_offset, rtol=1e-4)


def test_threads_share_an_extractor(small, noise):
    extract = LogMelExtractor(small())
    expected = extract(noise)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(extract, [noise] * 8):
            np.testing.assert_array_equal(found, expected)


def test_an_extractor_can_be_sent_to_a_worker(small, noise):
    extract = LogMelExtractor(small())
    expected = extract(noise)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(extract))(noise), expected)


def test_a_read_only_or_strided_waveform_is_taken(small, noise):
    extract = LogMelExtractor(small())
    expected = extract(noise)
    frozen = noise.copy()
    frozen.flags.writeable = False
    np.testing.assert_array_equal(extract(frozen), expected)
    np.testing.assert_array_equal(extract(np.stack([noise, noise], axis=1)[:, 0]), expected)


def test_float64_input_gives_float32_features(small, noise):
    features = LogMelExtractor(small())(noise.astype("float64"))
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features, LogMelExtractor(small())(noise))


def test_input_is_left_as_it_was(small, noise):
    before = noise.copy()
    LogMelExtractor(small())(noise)
    np.testing.assert_array_equal(noise, before)


@pytest.mark.parametrize("shape", [(0,), (2, 5000), (5000, 1), ()])
def test_only_a_mono_waveform_with_samples_is_taken(small, shape):
    with pytest.raises(ValueError, match="mono waveform") as refused:
        LogMelExtractor(small())(np.zeros(shape, "float32"))
    assert str(shape) in str(refused.value)


def test_shortest_clip_is_one_sample_more_than_half_a_window(small):
    extract = LogMelExtractor(small())
    assert extract(np.ones(257, "float32")).shape == (1, 16, 2)
    with pytest.raises(ValueError, match=r"256 samples.*n_fft 512.*more than 256"):
        extract(np.ones(256, "float32"))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_sample_is_refused(small, noise, bad):
    waveform = noise.copy()
    waveform[1234] = bad
    with pytest.raises(ValueError, match="NaN or infinite"):
        LogMelExtractor(small())(waveform)
