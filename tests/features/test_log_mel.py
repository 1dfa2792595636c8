import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.features import LogMelConfig, LogMelExtractor


def _librosa(waveform: np.ndarray, config: LogMelConfig) -> np.ndarray:
    """log10 mel (time, frequency) by librosa in float64."""
    mel = librosa.feature.melspectrogram(
        y=waveform.astype("float64"),
        sr=config.sampling_rate,
        n_fft=config.n_fft,
        win_length=config.win_length,
        hop_length=config.hop_length,
        n_mels=config.n_mels,
        fmin=config.fmin,
        fmax=config.fmax,
        htk=config.mel_scale == "htk",
        norm=config.mel_norm,
        center=True,
        pad_mode="reflect",
        power=2.0,
        dtype=np.float64,
    )
    return np.log10(mel + config.log_offset).T


def _tone(frequency: float, samples: int = 11025) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(samples) / 44100).astype("float32")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"win_length": 400},
        {"win_length": 401, "hop_length": 100},
        {"n_fft": 511, "win_length": 511},
        {"mel_scale": "slaney", "mel_norm": None},
        {"fmin": 200.0, "fmax": 8000.0, "log_offset": 1e-6},
        {"sampling_rate": 22050},
    ],
)
def test_noise_equals_librosa(small, noise, changes):
    config = small(**changes)
    found = LogMelExtractor(config).log_mel(noise)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, _librosa(noise, config), atol=1e-4)


def test_defaults_equal_librosa_on_a_second_of_noise():
    waveform = np.random.default_rng(1).normal(0, 0.1, 44100).astype("float32")
    found = LogMelExtractor(LogMelConfig()).log_mel(waveform)
    assert found.shape == (44, 256)
    np.testing.assert_allclose(found, _librosa(waveform, LogMelConfig()), atol=1e-4)


@pytest.mark.parametrize("frequency", [100.0, 1000.0, 10007.0])
def test_tones_equal_librosa_within_nine_decades_of_the_loudest_band(small, frequency):
    config = small()
    found, expected = (
        LogMelExtractor(config).log_mel(_tone(frequency)),
        _librosa(_tone(frequency), config),
    )
    heard = expected > expected.max() - 9
    assert heard.any()
    np.testing.assert_allclose(found[heard], expected[heard], atol=1e-4)
    # Below that there is rounding noise, which must stay below that too.
    assert (found[~heard] < expected.max() - 8.9).all()


def test_a_tone_is_loudest_in_the_band_around_it(small):
    config = small(mel_norm=None)
    edges = librosa.mel_frequencies(config.n_mels + 2, fmin=0, fmax=22050, htk=True)
    for band in (3, 8, 14):
        log_mel = LogMelExtractor(config).log_mel(_tone(edges[band + 1]))
        assert set(log_mel[2:-2].argmax(axis=1)) == {band}


def test_full_scale_square_equals_librosa_and_is_finite(small):
    square = np.sign(_tone(441.0) + 1e-9).astype("float32")
    assert np.abs(square).min() == 1
    config = small()
    found = LogMelExtractor(config)(square)
    assert np.isfinite(found).all()
    expected = _librosa(square, config)
    np.testing.assert_allclose(LogMelExtractor(config).log_mel(square), expected, atol=1e-4)


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


@given(decades=st.integers(-3, 0))
@settings(max_examples=4, deadline=None)
def test_gain_moves_the_log_mel_by_twice_its_logarithm(small, noise, decades):
    extract = LogMelExtractor(small(log_offset=1e-30))
    louder = extract.log_mel(noise * 10.0**decades)
    np.testing.assert_allclose(louder, extract.log_mel(noise) + 2 * decades, atol=1e-4)


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
