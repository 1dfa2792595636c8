"""Speech-like sound: vowels on a gliding pitch, without words."""

import numpy as np

from dssd_tf.data.synthesis.envelopes import scatter
from dssd_tf.data.synthesis.noise import RATE, Samples, band, filtered, product, shaped_noise, tilt
from dssd_tf.data.synthesis.oscillators import TABLE, glide, harmonic_table, phase, read

# First three formants in Hz of /a i u e o/-like vowels, men's means
# (Peterson and Barney, "Control methods used in a study of the vowels", 1952).
FORMANTS = np.array(
    [(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410)]
)


def babble(rng: np.random.Generator, samples: int, *, talkers: float, murmur: float) -> Samples:
    """A number of people talking at once.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        talkers: Number of single voices, rounded; at least one.
        murmur: Level of the crowd behind them, linear, relative to one voice.
    """
    crowd = shaped_noise(rng, samples, product(band(180, 2500, 2), tilt(-3)))
    total = murmur * crowd
    for _ in range(max(round(talkers), 1)):
        total += np.float32(rng.uniform(0.3, 1.0)) * _voice(rng, samples)
    return total


def announcement(rng: np.random.Generator, samples: int, *, chime: float) -> Samples:
    """A loudspeaker's voice, band-limited as a horn; `chime` is the chance of a gong before."""
    speech = filtered(_voice(rng, samples), band(400, 3600, 3))
    begin = rng.uniform(-1.0, 0.6) * samples
    speech[: max(int(begin), 0)] = 0
    if rng.random() >= chime:
        return speech
    length = int(0.7 * RATE)
    fall = np.exp(-5 * np.arange(length, dtype=np.float32) / length)
    table = harmonic_table(rng, (1.0, 0.2, 0.1))
    first = rng.uniform(440, 700)
    gongs = [read(table, np.arange(length) * (first * step / RATE)) * fall for step in (1.26, 1.0)]
    # A voice that speaks from the beginning had its gong before; this one is of another speaker.
    start = begin / RATE if begin > 0 else rng.uniform(0, samples / RATE)
    return speech + scatter(samples, [start - 0.8, start - 0.4], gongs)


def _voice(rng: np.random.Generator, samples: int) -> Samples:
    """One talker, (samples,): a vowel a syllable, each with its consonant."""
    pitch = rng.uniform(90, 240)
    tract = rng.uniform(0.95, 1.2)
    vowels = np.stack([_vowel(rng, pitch, formants * tract) for formants in FORMANTS])
    rate = rng.uniform(3.5, 6.0)
    along = np.arange(samples, dtype=np.float32) * (rate / RATE) + np.float32(rng.random())
    syllable = along.astype(np.int32)
    count = int(syllable[-1]) + 1
    # A pause every few syllables, as in phrases.
    spoken = (rng.random(count) > 0.2) * rng.uniform(0.4, 1.0, count)
    which = rng.integers(0, len(vowels), count)
    within = along - syllable.astype(np.float32)
    periods = phase(glide(rng, samples, pitch, 0.12))
    places = (periods * TABLE).astype(np.int32) & (TABLE - 1)
    swell = 4 * within * (1 - within)
    voiced = vowels.ravel()[(which * TABLE)[syllable] + places] * swell
    # A tenth of a second of noise, repeated, is enough for the short hiss of a consonant.
    hiss = np.resize(shaped_noise(rng, RATE // 10, band(2500, 9000, 2)), samples)
    consonants = hiss * (within < 0.15)
    return (voiced + np.float32(0.25) * consonants) * spoken.astype(np.float32)[syllable]


def _vowel(rng: np.random.Generator, pitch: float, formants: np.ndarray) -> Samples:
    hertz = np.arange(1, int(5000 / pitch)) * pitch
    resonance = sum(
        gain / (1 + np.square((hertz - formant) / (60 + 0.05 * formant)))
        for formant, gain in zip(formants, (1.0, 0.6, 0.3), strict=True)
    )
    return harmonic_table(rng, (resonance + 0.01) / np.sqrt(hertz / pitch))
