"""Background music: broken chords of a major scale on a steady beat."""

import numpy as np

from dssd_tf.data.synthesis.envelopes import scatter, ticks
from dssd_tf.data.synthesis.noise import RATE, Samples
from dssd_tf.data.synthesis.oscillators import harmonic_table, read

SCALE = (0, 2, 4, 5, 7, 9, 11)


def music(rng: np.random.Generator, samples: int, *, tempo: float, brightness: float) -> Samples:
    """Chords from a loudspeaker.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        tempo: Beats in a minute.
        brightness: Ratio of each harmonic to the one below it, in (0, 1).
    """
    table = harmonic_table(rng, brightness ** np.arange(12))
    tonic = 110 * 2 ** (rng.integers(0, 12) / 12)
    length = int(1.2 * RATE)
    fall = np.exp(-4 * np.arange(length, dtype=np.float32) / length)
    fall[:400] *= np.linspace(0, 1, 400, dtype=np.float32)
    starts: list[float] = []
    events: list[Samples] = []
    for beat in ticks(rng, samples / RATE + 1.0, tempo / 60, 0.01):
        root = rng.integers(0, 7)
        for step in (0, 2, 4):
            octave, degree = divmod(int(root) + step, 7)
            hertz = tonic * 2 ** (octave + SCALE[degree] / 12)
            starts.append(beat - 1.0)  # a second early: chords already sound at the beginning
            events.append(read(table, np.arange(length) * (hertz / RATE)) * fall)
    return scatter(samples, starts, events)
