import numpy as np

from dssd_tf.data.synthesis.textures import announcement, babble


def _swing(signal: np.ndarray) -> float:
    """How much the level moves at the rate of syllables."""
    level = np.sqrt(np.mean(np.square(signal.reshape(-1, 2205)), axis=1))
    return float(level.std() / level.mean())


def test_speech_lies_in_the_band_of_speech(rng, share):
    assert share(babble(rng, 88_200, talkers=2.0, murmur=0.0), 80, 6000) > 0.85


def test_one_voice_has_syllables_a_crowd_has_not(rng):
    alone = babble(rng, 220_500, talkers=1.0, murmur=0.0)
    crowd = babble(rng, 220_500, talkers=1.0, murmur=5.0)
    assert _swing(alone) > 2 * _swing(crowd)


def test_voices_have_harmonics(rng):
    """The autocorrelation peaks within the range of pitches, as no noise's does."""
    voice = babble(rng, 88_200, talkers=1.0, murmur=0.0)
    power = np.square(np.abs(np.fft.rfft(voice, 2 * len(voice))))
    correlation = np.fft.irfft(power)
    lags = correlation[44_100 // 300 : 44_100 // 70]
    assert lags.max() > 0.25 * correlation[0]


def test_loudspeaker_is_band_limited(rng, share):
    heard = [announcement(rng, 88_200, chime=0.0) for _ in range(4)]
    assert share(np.concatenate(heard), 300, 4500) > 0.9


def test_chime_comes_by_chance():
    with_chime, without = (
        announcement(np.random.default_rng(3), 88_200, chime=chime) for chime in (1.0, 0.0)
    )
    assert np.abs(with_chime - without).max() > 0.5
