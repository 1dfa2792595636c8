"""Road and rail vehicles: traffic, combustion engines, traction motors, doors."""

import numpy as np

from dssd_tf.data.synthesis.envelopes import drift, passes, scatter
from dssd_tf.data.synthesis.noise import RATE, Samples, band, product, shaped_noise, tilt
from dssd_tf.data.synthesis.oscillators import glide, harmonic_table, phase, read


def traffic(
    rng: np.random.Generator, samples: int, *, rate: float, steady: float, slope: float
) -> Samples:
    """Cars on a road: a rumble under everything, and tyres that pass by.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        rate: Cars that pass near in a second.
        steady: Level of the far traffic relative to the near cars, linear.
        slope: Fall of the far traffic's spectrum, in dB an octave (negative).
    """
    far = shaped_noise(rng, samples, product(band(40, 3000, 1), tilt(slope)))
    tyres = shaped_noise(rng, samples, product(band(350, 2200, 1), tilt(-1)))
    near = passes(rng, samples, rate, 1.2)
    return steady * far * drift(rng, samples, 1.0, 1.0) + (0.5 * far + tyres) * near


def engine(
    rng: np.random.Generator, samples: int, *, hertz: float, fall: float, wander: float
) -> Samples:
    """A combustion engine, with the noise of its intake and exhaust.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        hertz: Firing frequency.
        fall: Exponent by which the harmonics fall with their number.
        wander: How much the speed moves, as a fraction of it.
    """
    numbers = np.arange(1, 41)
    table = harmonic_table(rng, rng.uniform(0.2, 1.0, 40) / numbers**fall)
    turned = phase(glide(rng, samples, hertz, wander))
    strokes = 0.6 + 0.4 * np.cos(2 * np.pi * (turned % 1.0)).astype(np.float32)
    noise = shaped_noise(rng, samples, band(100, 1200, 1))
    return read(table, turned) * drift(rng, samples, 4.0, 1.0) + 0.35 * noise * strokes


def traction(rng: np.random.Generator, samples: int, *, hertz: float, slide: float) -> Samples:
    """The whine of an electric motor and its gear.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        hertz: Frequency of the whine.
        slide: How much it moves with the vehicle's speed, as a fraction of it.
    """
    table = harmonic_table(rng, (1.0, 0.5, 0.1, 0.3, 0.05, 0.1))
    return read(table, phase(glide(rng, samples, hertz, slide))) * drift(rng, samples, 6.0, 2.0)


def door_hiss(rng: np.random.Generator, samples: int, *, seconds: float) -> Samples:
    """Compressed air let out of doors or brakes, about once in four seconds.

    Args:
        rng: The source of the sound.
        samples: The length, at 44.1 kHz.
        seconds: Length of one hiss.
    """
    duration = samples / RATE
    length = int(seconds * RATE)
    shape = np.sin(np.pi * np.sqrt(np.linspace(0, 1, length, dtype=np.float32)))
    starts = rng.uniform(-seconds, duration, 1 + rng.poisson(duration / 4)).tolist()
    curve = band(1500, 11_000, 1)
    return scatter(samples, starts, [shaped_noise(rng, length, curve) * shape for _ in starts])
