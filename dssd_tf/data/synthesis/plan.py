"""Which recordings a set has, where they are made and by which devices."""

from collections.abc import Iterator
from dataclasses import dataclass

from dssd_tf.data.synthesis.devices import (
    DEVICES,
    REAL,
    SIMULATED_SEEN,
    SIMULATED_UNSEEN,
)
from dssd_tf.data.synthesis.scenes import SCENES
from dssd_tf.data.synthesis.size import CITIES, FoldSize, SynthesisSize

FOLDS = ("train", "test", "evaluation")


@dataclass(frozen=True)
class Recording:
    """One continuous stretch of sound, recorded by one or more devices in parallel.

    Attributes:
        fold: `train`, `test` or `evaluation`.
        scene: The scene's label.
        city: The city's name.
        location: The location's number; no two scenes, cities or folds share one.
        segment: The recording's number at its location.
        devices: The devices that record it.
        clips: One-second clips it is cut into.
    """

    fold: str
    scene: str
    city: str
    location: int
    segment: int
    devices: tuple[str, ...]
    clips: int

    @property
    def identifier(self) -> str:
        """City and location, as in `meta.csv`: what a split must keep on one side."""
        return f"{self.city}-{self.location}"

    @property
    def key(self) -> tuple[int, int, int, int]:
        """Numbers of scene, city, location and segment, for the random generators."""
        scene = list(SCENES).index(self.scene)
        return scene, CITIES.index(self.city), self.location, self.segment

    def filename(self, sub: int, device: str) -> str:
        """The name of clip `sub` of a device, as in `meta.csv`."""
        parts = (self.scene, self.identifier, self.segment, sub, device)
        return f"audio/{'-'.join(map(str, parts))}.wav"


def planned(size: SynthesisSize) -> list[Recording]:
    """All recordings of a set, fold by fold, scene by scene.

    A recording's name, and with it its sound, does not depend on how many others there are.
    """
    return [recording for fold in FOLDS for recording in _fold(fold, size)]


def _fold(fold: str, size: SynthesisSize) -> Iterator[Recording]:
    part: FoldSize = getattr(size, fold)
    always, others = _devices(fold)
    taken = part.devices - len(always)
    turn = 0
    for scene_number, scene in enumerate(SCENES):
        for city_number, city in enumerate(CITIES[: size.cities]):
            for index in range(part.locations):
                slot = index * len(FOLDS) + FOLDS.index(fold)
                location = (slot * len(CITIES) + city_number) * len(SCENES) + scene_number
                for segment in range(part.segments):
                    # The devices take turns, so that all come about equally often.
                    chosen = {others[(turn + step) % len(others)] for step in range(taken)}
                    turn += taken
                    devices = (*always, *(device for device in others if device in chosen))
                    yield Recording(fold, scene, city, location, segment, devices, size.clips)


def _devices(fold: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The devices that make every recording of a fold, and those that take turns."""
    if fold == "train":
        return REAL[:1], (*REAL[1:], *SIMULATED_SEEN)
    if fold == "test":
        return REAL[:1], (*REAL[1:], *SIMULATED_SEEN, *SIMULATED_UNSEEN)
    return (), tuple(DEVICES)
