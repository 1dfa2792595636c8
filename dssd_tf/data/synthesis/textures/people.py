"""People on the move: footsteps and rolling luggage."""

import numpy as np

from dssd_tf.data.synthesis.envelopes import bursts, drift, passes, scatter, ticks
from dssd_tf.data.synthesis.noise import RATE, Samples, band, shaped_noise
from dssd_tf.data.synthesis.oscillators import glide, phase


def footsteps(
    rng: np.random.Generator, samples: int, *, walkers: float, hardness: float
) -> Samples:
    """People walking.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        walkers: Number of people heard, rounded; at least one.
        hardness: 0 for grass and gravel to 1 for stone: brighter and shorter steps.
    """
    seconds = samples / RATE
    starts: list[float] = []
    events: list[Samples] = []
    for _ in range(max(round(walkers), 1)):
        loudness = rng.uniform(0.2, 1.0)
        curve = band(80 + 120 * hardness, 500 + rng.uniform(2000, 6000) * hardness, 1)
        decay = 0.22 - 0.15 * hardness
        moments = ticks(rng, seconds, rng.uniform(1.5, 2.3), 0.04)
        starts += moments
        events += [
            loudness * rng.uniform(0.6, 1.0) * step
            for step in bursts(rng, len(moments), decay, curve)
        ]
    return scatter(samples, starts, events)


def luggage(rng: np.random.Generator, samples: int, *, joints: float) -> Samples:
    """Suitcases rolled past over a floor whose tiles give `joints` knocks in a second."""
    roll = shaped_noise(rng, samples, band(250, 3500, 1))
    turned = phase(glide(rng, samples, joints, 0.05))
    knocks = 0.3 + np.exp(-8 * (turned % 1.0)).astype(np.float32)
    near = passes(rng, samples, 0.4, 1.5) + 0.2
    return roll * knocks * near * drift(rng, samples, 3.0, 1.0)
