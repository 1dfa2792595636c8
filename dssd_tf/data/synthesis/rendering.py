"""A planned recording → its sound, and what its devices make of it."""

import numpy as np
from scipy.special import ndtr

from dssd_tf.data.synthesis import seeds
from dssd_tf.data.synthesis.devices import DEVICES, capture
from dssd_tf.data.synthesis.envelopes import normalised
from dssd_tf.data.synthesis.noise import RATE, Samples, tilt
from dssd_tf.data.synthesis.plan import Recording
from dssd_tf.data.synthesis.reverberation import reverberated
from dssd_tf.data.synthesis.scenes import SCENES, Layer, Range

# Shares of the variance within a class that lie between cities, between a city's locations and
# between a location's recordings.
SHARES = (0.25, 0.45, 0.3)
LOUDNESS: Range = (-38.0, -26.0)  # RMS of a recording in dB relative to full scale
COLOUR: Range = (-0.6, 0.6)  # tilt of a place in dB an octave


class _Draws:
    """Values in a range, correlated within a city and within a location."""

    def __init__(self, seed: int, key: tuple[int, int, int, int]):
        self._generators = (
            seeds.generator(seed, seeds.CITY, *key[:2]),
            seeds.generator(seed, seeds.LOCATION, *key[:3]),
            seeds.generator(seed, seeds.RECORDING, *key),
        )

    def uniform(self, bounds: Range) -> float:
        """A value uniform in `bounds` over all recordings of the scene."""
        total = sum(
            np.sqrt(share) * generator.standard_normal()
            for share, generator in zip(SHARES, self._generators, strict=True)
        )
        return float(bounds[0] + (bounds[1] - bounds[0]) * ndtr(total))


def render(recording: Recording, seed: int) -> Samples:
    """The sound at the place of a recording, before any device.

    Args:
        recording: What to render.
        seed: The set's seed.

    Returns:
        (clips * 44100,) at 44.1 kHz; its RMS lies between -38 and -26 dB of full scale.
    """
    scene = SCENES[recording.scene]
    samples = recording.clips * RATE
    draws = _Draws(seed, recording.key)
    total = np.zeros(samples, np.float32)
    for number, layer in enumerate(scene.layers):
        rng = seeds.generator(seed, seeds.LAYER, *recording.key, number)
        total += _layer(rng, layer, draws, samples)
    place = seeds.generator(seed, seeds.ROOM, *recording.key[:3])
    total = reverberated(
        place,
        total,
        seconds=draws.uniform(scene.reverberation),
        wet=draws.uniform(scene.wet),
        colour=tilt(draws.uniform(COLOUR)),
    )
    loudness = 10 ** (draws.uniform(LOUDNESS) / 20)
    return total * np.float32(loudness / np.sqrt(np.mean(np.square(total))))


def record(recording: Recording, sound: Samples, device: str, seed: int) -> Samples:
    """What one device records of `sound`, cut into clips.

    Args:
        recording: The recording that `sound` was rendered from.
        sound: (clips * 44100,) at 44.1 kHz.
        device: The device's name.
        seed: The set's seed.

    Returns:
        (clips, 44100) in [-1, 1].
    """
    number = list(DEVICES).index(device)
    rng = seeds.generator(seed, seeds.DEVICE, *recording.key, number)
    return capture(rng, sound, DEVICES[device]).reshape(recording.clips, RATE)


def _layer(rng: np.random.Generator, layer: Layer, draws: _Draws, samples: int) -> Samples:
    # All is drawn even for a layer that is not heard, so that the next layers' draws stay put.
    level = draws.uniform(layer.level)
    settings = {name: draws.uniform(bounds) for name, bounds in layer.settings.items()}
    if draws.uniform((0.0, 1.0)) >= layer.chance:
        return np.zeros(samples, np.float32)
    signal = normalised(layer.texture(rng, samples, **settings))
    return signal * np.float32(10 ** (level / 20))
