"""The ten scenes as data: which textures each is layered from, how loud, how varied.

The classes share textures and their ranges overlap: a quiet street_pedestrian is close to a
public_square, an airport without suitcases to a shopping_mall, as in recordings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dssd_tf.data.synthesis import textures
from dssd_tf.data.synthesis.noise import Samples

Range = tuple[float, float]


@dataclass(frozen=True)
class Layer:
    """One texture of a scene.

    Attributes:
        texture: The function that renders it.
        level: Range of the level of its loudest tenth of a second, in dB.
        chance: Probability that a recording has it.
        settings: The texture's settings, each a range.
    """

    texture: Callable[..., Samples]
    level: Range
    chance: float = 1.0
    settings: Mapping[str, Range] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """A scene's textures and the place they are heard in.

    Attributes:
        layers: What is heard.
        reverberation: Range of the reverberation time, in seconds.
        wet: Range of the reverberation's level relative to the direct sound, linear.
    """

    layers: tuple[Layer, ...]
    reverberation: Range
    wet: Range


def _crowd(level: Range, talkers: Range, murmur: Range, chance: float = 1.0) -> Layer:
    return Layer(textures.babble, level, chance, {"talkers": talkers, "murmur": murmur})


def _steps(level: Range, chance: float, walkers: Range, hardness: Range) -> Layer:
    return Layer(textures.footsteps, level, chance, {"walkers": walkers, "hardness": hardness})


def _traffic(level: Range, rate: Range, steady: Range, slope: Range = (-6.0, -3.0)) -> Layer:
    return Layer(textures.traffic, level, settings={"rate": rate, "steady": steady, "slope": slope})


def _air(level: Range, slope: Range, hum: Range) -> Layer:
    return Layer(textures.ventilation, level, settings={"slope": slope, "hum": hum})


def _wind(level: Range, leaves: Range) -> Layer:
    return Layer(textures.wind, level, settings={"gusts": (1.0, 4.0), "leaves": leaves})


def _birds(level: Range, chance: float) -> Layer:
    return Layer(textures.birds, level, chance, {"phrases": (0.4, 2.0), "pitch": (2500.0, 5500.0)})


def _rain(chance: float) -> Layer:
    return Layer(textures.rain, (-22.0, -8.0), chance, {"drops": (10.0, 80.0)})


def _music(level: Range, chance: float) -> Layer:
    return Layer(textures.music, level, chance, {"tempo": (70.0, 130.0), "brightness": (0.3, 0.7)})


def _rumble(level: Range, edge: Range, roar: Range, swell: Range, chance: float = 1.0) -> Layer:
    settings = {"edge": edge, "roar": roar, "swell": swell}
    return Layer(textures.rail_rumble, level, chance, settings)


def _joints(level: Range, chance: float, rate: Range, hertz: Range) -> Layer:
    settings = {"rate": rate, "hertz": hertz, "pair": (0.08, 0.2)}
    return Layer(textures.rail_joints, level, chance, settings)


def _motor(level: Range, hertz: Range, chance: float) -> Layer:
    return Layer(textures.traction, level, chance, {"hertz": hertz, "slide": (0.02, 0.2)})


def _engine(level: Range, hertz: Range, chance: float) -> Layer:
    settings = {"hertz": hertz, "fall": (0.7, 1.4), "wander": (0.02, 0.2)}
    return Layer(textures.engine, level, chance, settings)


def _squeal(level: Range, chance: float) -> Layer:
    return Layer(textures.brake_squeal, level, chance, {"hertz": (1800.0, 5000.0)})


def _speaker(level: Range, chance: float, chime: Range) -> Layer:
    return Layer(textures.announcement, level, chance, {"chime": chime})


def _luggage(level: Range, chance: float) -> Layer:
    return Layer(textures.luggage, level, chance, {"joints": (6.0, 16.0)})


def _hiss(level: Range, chance: float) -> Layer:
    return Layer(textures.door_hiss, level, chance, {"seconds": (0.4, 1.2)})


# Alphabetical: the order of a network's outputs.
SCENES: Mapping[str, Scene] = {
    "airport": Scene(
        (
            _air((-13, -7), (-4, -2), (0.1, 0.4)),
            _crowd((-15, -8), (1, 3), (1.0, 2.0)),
            _steps((-18, -10), 0.7, (1, 3), (0.6, 1.0)),
            _luggage((-12, -5), 0.7),
            _speaker((-12, -7), 0.4, (0.4, 0.9)),
        ),
        reverberation=(1.0, 2.2),
        wet=(0.6, 1.2),
    ),
    "bus": Scene(
        (
            _engine((-7, -2), (22, 44), 1.0),
            _rumble((-13, -7), (150, 320), (0.0, 0.15), (0.0, 0.3)),
            _air((-19, -12), (-5, -3), (0.0, 0.2)),
            _crowd((-20, -10), (1, 2), (0.1, 0.5), 0.6),
            _hiss((-14, -8), 0.25),
            _squeal((-24, -16), 0.15),
        ),
        reverberation=(0.1, 0.25),
        wet=(0.2, 0.5),
    ),
    "metro": Scene(
        (
            _rumble((-6, -2), (250, 600), (0.3, 0.8), (0.0, 0.3)),
            _joints((-15, -8), 0.6, (1.6, 3.0), (120, 400)),
            _motor((-22, -13), (500, 1400), 0.7),
            _crowd((-20, -10), (1, 2), (0.1, 0.5), 0.6),
            _squeal((-22, -14), 0.2),
            _speaker((-14, -8), 0.2, (0.4, 0.9)),
        ),
        reverberation=(0.15, 0.4),
        wet=(0.3, 0.7),
    ),
    "metro_station": Scene(
        (
            _air((-13, -8), (-5, -3), (0.0, 0.3)),
            _rumble((-11, -3), (200, 550), (0.3, 0.8), (0.6, 1.0), 0.7),
            _squeal((-17, -9), 0.35),
            _crowd((-16, -9), (1, 3), (0.6, 1.4), 0.9),
            _steps((-15, -8), 0.8, (1, 3), (0.6, 1.0)),
            _speaker((-12, -5), 0.4, (0.4, 0.9)),
            _hiss((-16, -10), 0.25),
        ),
        reverberation=(1.4, 2.8),
        wet=(0.8, 1.5),
    ),
    "park": Scene(
        (
            _wind((-12, -5), (0.05, 0.25)),
            _birds((-16, -6), 0.8),
            _traffic((-21, -12), (0.02, 0.1), (0.8, 1.4), (-8.0, -5.0)),
            _crowd((-24, -14), (1, 2), (0.0, 0.4), 0.5),
            _steps((-20, -12), 0.45, (1, 2), (0.0, 0.4)),
            _rain(0.12),
        ),
        reverberation=(0.1, 0.4),
        wet=(0.02, 0.12),
    ),
    "public_square": Scene(
        (
            _crowd((-15, -9), (1, 3), (0.4, 1.2)),
            _traffic((-14, -8), (0.05, 0.2), (0.6, 1.2)),
            _steps((-19, -12), 0.6, (1, 2), (0.4, 0.9)),
            _wind((-14, -7), (0.02, 0.15)),
            _birds((-20, -11), 0.5),
            _music((-20, -12), 0.15),
            _rain(0.12),
        ),
        reverberation=(0.5, 1.2),
        wet=(0.1, 0.4),
    ),
    "shopping_mall": Scene(
        (
            _air((-18, -12), (-5, -3), (0.0, 0.2)),
            _crowd((-10, -5), (2, 4), (1.2, 2.4)),
            _steps((-18, -11), 0.7, (1, 3), (0.6, 1.0)),
            _music((-13, -6), 0.75),
            _luggage((-20, -12), 0.1),
            _speaker((-15, -9), 0.1, (0.2, 0.6)),
        ),
        reverberation=(0.8, 1.7),
        wet=(0.5, 1.1),
    ),
    "street_pedestrian": Scene(
        (
            _crowd((-10, -5), (2, 4), (0.4, 1.2)),
            _steps((-12, -5), 0.95, (2, 4), (0.4, 0.9)),
            _traffic((-20, -12), (0.05, 0.2), (0.6, 1.3)),
            _wind((-22, -14), (0.0, 0.15)),
            _music((-22, -12), 0.25),
            _luggage((-20, -12), 0.1),
            _rain(0.1),
        ),
        reverberation=(0.3, 0.8),
        wet=(0.2, 0.5),
    ),
    "street_traffic": Scene(
        (
            _traffic((-6, -1), (0.3, 0.8), (0.4, 0.9)),
            _engine((-14, -7), (25, 60), 0.6),
            _crowd((-22, -14), (1, 2), (0.2, 0.7), 0.5),
            _steps((-20, -13), 0.4, (1, 2), (0.4, 0.9)),
            _wind((-20, -11), (0.0, 0.15)),
            _squeal((-22, -15), 0.15),
            _rain(0.12),
        ),
        reverberation=(0.3, 0.9),
        wet=(0.1, 0.35),
    ),
    "tram": Scene(
        (
            _rumble((-11, -6), (180, 420), (0.05, 0.35), (0.0, 0.3)),
            _joints((-13, -6), 0.7, (0.8, 1.8), (300, 800)),
            _motor((-13, -6), (200, 700), 0.9),
            _traffic((-24, -16), (0.05, 0.3), (0.4, 0.9)),
            _crowd((-20, -10), (1, 2), (0.1, 0.5), 0.65),
            _squeal((-19, -11), 0.3),
            _hiss((-20, -14), 0.15),
        ),
        reverberation=(0.1, 0.25),
        wet=(0.2, 0.5),
    ),
}
