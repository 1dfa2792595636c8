"""Bird song: phrases of short whistles that sweep in frequency."""

import numpy as np

from dssd_tf.data.synthesis.envelopes import scatter
from dssd_tf.data.synthesis.noise import RATE, Samples


def birds(rng: np.random.Generator, samples: int, *, phrases: float, pitch: float) -> Samples:
    """Several birds, each with its own phrase.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        phrases: Mean number of phrases that begin in a second.
        pitch: Middle of the whistles, in Hz.
    """
    seconds = samples / RATE
    starts: list[float] = []
    events: list[Samples] = []
    for begin in rng.uniform(-0.5, seconds, rng.poisson(phrases * (seconds + 0.5))):
        hertz = pitch * np.exp(rng.normal(0.0, 0.25))
        length, gap = rng.uniform(0.04, 0.16), rng.uniform(0.02, 0.12)
        sweep, loudness = rng.uniform(-0.35, 0.35), rng.uniform(0.2, 1.0)
        for note in range(rng.integers(2, 8)):
            starts.append(begin + note * (length + gap))
            events.append(loudness * _whistle(hertz, length, sweep))
    return scatter(samples, starts, events)


def _whistle(hertz: float, seconds: float, sweep: float) -> Samples:
    along = np.linspace(0, 1, max(int(seconds * RATE), 16), dtype=np.float32)
    turned = 2 * np.pi * hertz * seconds * (along + sweep * np.square(along) / 2)
    return (np.sin(np.pi * along) * np.sin(turned)).astype(np.float32)
