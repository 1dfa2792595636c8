import librosa
import numpy as np
import pytest

from dssd_tf.features import LogMelConfig
from dssd_tf.features.filter_bank import band_centres, filter_bank

BANKS = [
    {},
    {"mel_scale": "slaney", "mel_norm": None},
    {"fmin": 300.0, "fmax": 9000.0},
    {"n_fft": 511, "win_length": 511},
    {"n_fft": 4096, "win_length": 4096, "n_mels": 256},
]


@pytest.mark.parametrize("changes", BANKS)
def test_runs_hold_librosas_filters(small, changes):
    config = small(**changes)
    expected = librosa.filters.mel(
        sr=config.sampling_rate,
        n_fft=config.n_fft,
        n_mels=config.n_mels,
        fmin=config.fmin,
        fmax=config.fmax,
        htk=config.mel_scale == "htk",
        norm=config.mel_norm,
    )
    bank = filter_bank(config)
    np.testing.assert_array_equal(bank.dense(), expected)
    assert bank.bins == config.n_fft // 2 + 1
    assert bank.offsets[0] == 0 and bank.offsets[-1] == bank.weights.size


def test_runs_are_tight():
    bank = filter_bank(LogMelConfig())
    assert (bank.weights > 0).all()
    assert bank.weights.size < bank.dense().size / 100


@pytest.mark.filterwarnings("ignore:Empty filters")
def test_a_band_between_two_bins_is_empty(small):
    bank = filter_bank(small(n_fft=64, win_length=64, n_mels=128))
    counts = np.diff(bank.offsets)
    assert (counts == 0).any() and (counts >= 0).all()
    assert (bank.start + counts <= bank.bins).all()
    np.testing.assert_array_equal(bank.dense().any(axis=1), counts > 0)


@pytest.mark.parametrize("changes", BANKS)
def test_a_band_weighs_most_at_its_centre(small, changes):
    config = small(**changes)
    bank, centres = filter_bank(config).dense(), band_centres(config)
    assert centres.shape == (config.n_mels,) and (np.diff(centres) > 0).all()
    spacing = config.sampling_rate / config.n_fft
    peaks = bank.argmax(axis=1) * spacing
    wide = (bank > 0).sum(axis=1) >= 2
    assert wide.any()
    assert np.abs(peaks - centres)[wide].max() <= spacing
