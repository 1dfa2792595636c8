"""The devices of a seed, and how far apart they are."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data.device_shift.compressor import Compressor
from dssd_tf.data.device_shift.device import Shelf, ShiftDevice
from dssd_tf.data.synthesis import seeds
from dssd_tf.data.synthesis.noise import Resonance

VERSION = 1
"""Of the devices: another version draws other devices from the same seed."""

UNTOUCHED = "a"
SEEN = ("s1", "s2", "s3")
UNSEEN = ("s4", "s5", "s6")
ALL = (UNTOUCHED, *SEEN, *UNSEEN)

MOST_SPREAD = 1.5
"""The most that an unseen device's mean distance to the seen ones is of theirs to each other."""

CLOSEST_DB = 2.5
"""The least distance of two devices, in dB."""

_KEY = 1001  # not one of the synthetic set's, so that the same seed draws other numbers there
_HERTZ = np.geomspace(50, 12_000, 96)
_FLOOR_DB = -20.0

Range = tuple[float, float]


@dataclass(frozen=True)
class Ranges:
    """What a device's parameters are drawn from: evenly, frequencies and times by logarithm.

    Attributes as of `ShiftDevice` and `Compressor`; `resonance` is the size of a peak or a dip
    in dB, `width` its width in octaves, and shelves go up or down by up to `shelf` dB.
    """

    low: Range = (50, 160)
    high: Range = (8_000, 16_000)
    shelf: float = 5.0
    resonance: Range = (2.0, 6.0)
    width: Range = (0.4, 1.2)
    gain: Range = (-6.0, 2.0)
    threshold: Range = (-32.0, -22.0)
    ratio: Range = (1.5, 2.5)
    attack: Range = (0.005, 0.02)
    release: Range = (0.08, 0.3)
    noise: Range = (-78.0, -68.0)


RANGES_SEEN = Ranges()
RANGES_UNSEEN = Ranges(
    low=(60, 220),
    high=(6_500, 14_000),
    shelf=6.0,
    resonance=(3.0, 7.0),
    gain=(-8.0, 2.0),
    ratio=(1.5, 3.5),
    attack=(0.003, 0.03),
    release=(0.05, 0.5),
    noise=(-76.0, -64.0),
)


def draw_devices(seed: int) -> dict[str, ShiftDevice]:
    """The simulated devices of a seed: s1 to s3, seen in training, and s4 to s6, in test only.

    An unseen device is on average at least as far from a, s1, s2 and s3 as these are from each
    other, at most 1.5 times as far, and no two devices are closer than 2.5 dB (`distance`).
    Each draw that breaks this is thrown away.

    Args:
        seed: Any number of 0 or more.

    Raises:
        DataError: The seed is negative.
    """
    drawn: dict[str, ShiftDevice] = {}
    for number, name in enumerate(SEEN):
        drawn[name] = next(
            device
            for device in _candidates(seed, number, RANGES_SEEN)
            if min(_distances(device, drawn)) >= CLOSEST_DB
        )
    seen = dict(drawn)
    spread = mean_distance(seen)
    for number, name in enumerate(UNSEEN, len(SEEN)):
        drawn[name] = next(
            device
            for device in _candidates(seed, number, RANGES_UNSEEN)
            if spread <= np.mean(_distances(device, seen)) <= MOST_SPREAD * spread
            and min(_distances(device, drawn)) >= CLOSEST_DB
        )
    return drawn


def distance(one: ShiftDevice | None, other: ShiftDevice | None) -> float:
    """RMS difference of two responses in dB, from 50 Hz to 12 kHz by octaves, level left out.

    Responses count down to 20 dB below their mean: what is lower is lost in either case. None
    is device a.
    """
    difference = _shape(one) - _shape(other)
    return float(np.std(difference))


def mean_distance(devices: Mapping[str, ShiftDevice]) -> float:
    """Mean distance in dB of all pairs of `devices` and device a."""
    pairs = itertools.combinations([None, *devices.values()], 2)
    return float(np.mean([distance(one, other) for one, other in pairs]))


def _distances(device: ShiftDevice, others: Mapping[str, ShiftDevice]) -> list[float]:
    return [distance(device, other) for other in (None, *others.values())]


def _shape(device: ShiftDevice | None) -> NDArray[np.float64]:
    if device is None:
        return np.zeros(len(_HERTZ))
    response = device.response(_HERTZ)
    return np.maximum(response - response.mean(), _FLOOR_DB)


def _candidates(seed: int, number: int, ranges: Ranges) -> Iterable[ShiftDevice]:
    rng = seeds.generator(seed, _KEY, VERSION, number)
    while True:
        yield _drawn(rng, ranges)


def _drawn(rng: np.random.Generator, ranges: Ranges) -> ShiftDevice:
    def even(bounds: Range, digits: int = 1) -> float:
        return round(float(rng.uniform(*bounds)), digits)

    def logarithmic(low: float, high: float, digits: int = 0) -> float:
        return round(float(np.exp(rng.uniform(np.log(low), np.log(high)))), digits)

    def shelf(low: float, high: float) -> Shelf:
        return logarithmic(low, high), even((-ranges.shelf, ranges.shelf))

    def resonance(low: float, high: float) -> Resonance:
        sign = 1 if rng.random() < 0.5 else -1
        return logarithmic(low, high), sign * even(ranges.resonance), even(ranges.width, 2)

    return ShiftDevice(
        low=logarithmic(*ranges.low),
        high=logarithmic(*ranges.high),
        low_shelf=shelf(150, 500),
        high_shelf=shelf(2_000, 6_000),
        resonances=(resonance(250, 900), resonance(900, 2_500), resonance(2_500, 7_000)),
        gain=even(ranges.gain),
        compressor=Compressor(
            threshold=even(ranges.threshold),
            ratio=even(ranges.ratio, 2),
            attack=logarithmic(*ranges.attack, 4),
            release=logarithmic(*ranges.release, 3),
        ),
        noise=even(ranges.noise),
    )
