"""Wheels on rails: rolling, rail joints, squealing brakes."""

import numpy as np

from dssd_tf.data.synthesis.envelopes import bursts, drift, passes, scatter, ticks
from dssd_tf.data.synthesis.noise import RATE, Samples, band, product, shaped_noise, tilt
from dssd_tf.data.synthesis.oscillators import glide, harmonic_table, phase, read


def rail_rumble(
    rng: np.random.Generator, samples: int, *, edge: float, roar: float, swell: float
) -> Samples:
    """The rolling of a train.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        edge: Upper edge of the rumble, in Hz.
        roar: Level of the rolling noise about 1.5 kHz relative to the rumble, linear.
        swell: 0 aboard, where it is steady, to 1 on a platform, where trains come and go.
    """
    low = shaped_noise(rng, samples, product(band(30, edge, 2), tilt(-2)))
    high = shaped_noise(rng, samples, band(700, 2500, 1))
    rough = drift(rng, samples, 8.0, 1.5)
    near = passes(rng, samples, 0.15, 4.0) + 0.05
    return (low + roar * high) * rough * ((1 - swell) + swell * near)


def rail_joints(
    rng: np.random.Generator, samples: int, *, rate: float, hertz: float, pair: float
) -> Samples:
    """The knocks of a bogie's two axles at the joints of the rail.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        rate: Joints in a second.
        hertz: Middle of the knocks' spectrum.
        pair: Time between the two axles, in seconds.
    """
    joints = ticks(rng, samples / RATE, rate, 0.03)
    starts = [joint + axle for joint in joints for axle in (0.0, pair)]
    knocks = bursts(rng, len(starts), 0.12, band(hertz / 2, hertz * 2, 2))
    loudness = rng.uniform(0.5, 1.0, (len(starts), 1)).astype(np.float32)
    return scatter(samples, starts, loudness * knocks)


def brake_squeal(rng: np.random.Generator, samples: int, *, hertz: float) -> Samples:
    """A brake's or a flange's squeal at about `hertz`, for a part of the time."""
    table = harmonic_table(rng, (1.0, 0.4, 0.15))
    tone = read(table, phase(glide(rng, samples, hertz, 0.03)))
    level = passes(rng, samples, 0.35, 0.9)
    return tone * np.square(level) * drift(rng, samples, 20.0, 3.0)
