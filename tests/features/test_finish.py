import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dssd_tf.features.finish import finish


@pytest.fixture
def log_mels():
    """Raw log-mels (5, 9, 16) of several means and spreads, the last one silent."""
    values = np.random.default_rng(0).normal(size=(5, 9, 16))
    values = values * np.array([1, 0.1, 3, 1e-3, 0])[:, None, None]
    return (values + np.array([-10, -3, 0, 2, -10])[:, None, None]).astype("float32")


def test_channels_are_standardised_with_the_unbiased_deviation(small, log_mels):
    features = finish(log_mels, small())
    assert features.shape == (5, 9, 16, 2) and features.dtype == np.float32
    heard = features[:4].astype("float64")
    np.testing.assert_allclose(heard.mean(axis=(1, 2)), 0, atol=1e-6)
    np.testing.assert_allclose(heard.std(axis=(1, 2), ddof=1), 1, atol=1e-5)
    np.testing.assert_array_equal(features[4], 0)


def test_deltas_are_librosas(small, log_mels):
    for clip in log_mels:
        features = finish(clip, small(standardize="none"))
        expected = librosa.feature.delta(clip, width=5, axis=0, mode="nearest")
        np.testing.assert_array_equal(features[..., 0], clip)
        np.testing.assert_allclose(features[..., 1], expected, atol=1e-5)


def test_standardised_deltas_are_librosas_of_the_standardised_channel(small, log_mels):
    for clip in log_mels[:4].astype("float64"):
        first = (clip - clip.mean()) / clip.std(ddof=1)
        slopes = librosa.feature.delta(first, width=5, axis=0, mode="nearest")
        expected = (slopes - slopes.mean()) / slopes.std(ddof=1)
        np.testing.assert_allclose(finish(clip, small())[..., 1], expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(), (3,), (2, 1)])
def test_leading_axes_are_clips_of_their_own(small, log_mels, shape):
    size = int(np.prod(shape))
    batch = np.resize(log_mels, (size, 9, 16)).reshape(*shape, 9, 16)
    found = finish(batch, small())
    assert found.shape == (*shape, 9, 16, 2)
    for index in np.ndindex(*shape):
        np.testing.assert_array_equal(found[index], finish(batch[index], small()))


@pytest.mark.parametrize("deltas", [True, False])
def test_centred_bands_are_the_last_channel_and_have_no_mean_over_time(small, log_mels, deltas):
    config = small(standardize="none", deltas=deltas, band_centred=True)
    found = finish(log_mels, config)
    assert found.shape[-1] == config.channels == 2 + deltas
    np.testing.assert_array_equal(found[..., 0], log_mels)
    expected = log_mels - log_mels.mean(axis=1, keepdims=True, dtype="float64")
    np.testing.assert_allclose(found[..., -1], expected, atol=1e-6)
    if deltas:
        np.testing.assert_array_equal(found[..., :2], finish(log_mels, small(standardize="none")))


def test_standardised_centred_bands_do_not_know_the_device(small, log_mels):
    config = small(deltas=False, band_centred=True)
    response = np.random.default_rng(1).normal(size=16)
    before, after = finish(log_mels[:4], config), finish(log_mels[:4] + response, config)
    np.testing.assert_allclose(after[..., 1], before[..., 1], atol=2e-3)
    assert np.abs(after[..., 0] - before[..., 0]).max() > 0.1
    heard = before[..., 1].astype("float64")
    np.testing.assert_allclose(heard.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(heard.std(axis=(1, 2), ddof=1), 1, atol=1e-5)
    np.testing.assert_array_equal(finish(log_mels[4], config), 0)


@pytest.mark.parametrize("standardize", ["clip", "none"])
def test_without_deltas_there_is_the_first_channel_only(small, log_mels, standardize):
    both = finish(log_mels, small(standardize=standardize))
    single = finish(log_mels, small(standardize=standardize, deltas=False))
    np.testing.assert_array_equal(single, both[..., :1])


@pytest.mark.parametrize("shape", [(1, 1), (1, 16), (2, 1), (9, 16)])
@pytest.mark.parametrize("level", [0.0, -10.0, np.float32(np.log10(1e-10)), 0.1])
def test_constant_clips_become_zero(small, shape, level):
    np.testing.assert_allclose(finish(np.full(shape, level, "float32"), small()), 0, atol=1e-6)


@given(
    clip=arrays.arrays("float32", (4, 3), elements=st.floats(-10, 4, width=32)),
    gain=st.floats(-5, 5),
)
@settings(max_examples=50, deadline=None)
def test_gain_does_not_change_the_features(small, clip, gain):
    clip = clip.astype("float64")
    if clip.std() < 1e-3 or np.ptp(clip, axis=0).max() < 1e-3:
        clip[0, 0] += 1
    np.testing.assert_allclose(finish(clip + gain, small()), finish(clip, small()), atol=1e-5)


@pytest.mark.parametrize("shape", [(), (16,), (0, 16), (9, 0)])
def test_what_is_no_spectrogram_is_refused(small, shape):
    with pytest.raises(ValueError, match="time, frequency") as refused:
        finish(np.zeros(shape), small())
    assert str(shape) in str(refused.value)


def test_input_is_left_as_it_was(small, log_mels):
    values = log_mels.astype("float64")
    before = values.copy()
    finish(values, small())
    np.testing.assert_array_equal(values, before)
