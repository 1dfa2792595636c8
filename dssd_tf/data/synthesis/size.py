"""How large a synthetic set is."""

from dataclasses import dataclass

from dssd_tf.errors import DataError

# In the order in which a set of fewer cities takes them.
CITIES = (
    "barcelona",
    "helsinki",
    "lisbon",
    "london",
    "lyon",
    "milan",
    "paris",
    "prague",
    "stockholm",
    "vienna",
)


def _positive(name: str, value: int) -> None:
    if value < 1:
        raise DataError(f"{name} = {value} in the set's size", fix="give a number of 1 or more")


def _at_most(name: str, value: int, most: int) -> None:
    if value > most:
        raise DataError(
            f"{name} = {value} in the set's size", fix=f"there are only {most}: give fewer"
        )


@dataclass(frozen=True)
class FoldSize:
    """What one fold holds of each scene in each city.

    Attributes:
        locations: Locations; no other fold has them.
        segments: Recordings at each location.
        devices: Devices that record each of them in parallel.

    Raises:
        DataError: A number is below 1.
    """

    locations: int
    segments: int
    devices: int

    def __post_init__(self) -> None:
        for name in ("locations", "segments", "devices"):
            _positive(name, getattr(self, name))


@dataclass(frozen=True)
class SynthesisSize:
    """The size of a synthetic set; the defaults give 720 train, 240 test, 120 evaluation clips.

    The clips of a fold are 10 scenes x `cities` x locations x segments x devices x `clips`.

    Attributes:
        cities: Cities, 1 to 10.
        clips: Clips of one second cut from each recording.
        train: The training fold.
        test: The test fold.
        evaluation: The evaluation set.

    Raises:
        DataError: A number is out of its range, or a fold has more devices than there are for it
            (train 6, test 9, evaluation 14).
    """

    cities: int = 3
    clips: int = 2
    train: FoldSize = FoldSize(locations=3, segments=2, devices=2)
    test: FoldSize = FoldSize(locations=2, segments=1, devices=2)
    evaluation: FoldSize = FoldSize(locations=1, segments=1, devices=2)

    def __post_init__(self) -> None:
        _positive("cities", self.cities)
        _positive("clips", self.clips)
        _at_most("cities", self.cities, len(CITIES))
        for fold, most in (("train", 6), ("test", 9), ("evaluation", 14)):
            _at_most(f"{fold}.devices", getattr(self, fold).devices, most)

    @classmethod
    def tiny(cls) -> "SynthesisSize":
        """A set for unit tests: 40 train, 40 test and 20 evaluation clips of ten scenes."""
        small = FoldSize(locations=1, segments=1, devices=2)
        return cls(cities=1, clips=2, train=small, test=small, evaluation=FoldSize(1, 1, devices=1))
