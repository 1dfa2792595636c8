"""Which device records a training segment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dssd_tf.data.synthesis import seeds

_KEY = 1002


@dataclass(frozen=True)
class Segment:
    """A stretch of a recording that one device records: all clips that were cut from it.

    Attributes:
        name: scene-city-location-segment.
        group: Segments among which the shares should hold: the scene and the lists that name it.
        clips: Their number.
    """

    name: str
    group: tuple[str, ...]
    clips: int


def allotted(segments: Iterable[Segment], shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """The device of each segment, by the segment's name.

    Within a group the order is drawn. Each segment then goes to the device whose clips are
    furthest below its share, so that the shares hold in all and nearly so in every group; a
    draw for each segment alone would leave some classes without some devices.

    Args:
        segments: In any order.
        shares: The share of each device in the clips, 0 to 1, 1 in all.
        seed: The set's seed.

    Raises:
        DataError: The seed is negative.
    """
    rng = seeds.generator(seed, _KEY)
    known = sorted(segments, key=lambda segment: (segment.group, segment.name))
    drawn = rng.permutation(len(known))
    order = sorted(range(len(known)), key=lambda place: (known[place].group, drawn[place]))
    counts = dict.fromkeys(shares, 0)
    devices: dict[str, str] = {}
    total = 0
    for segment in (known[place] for place in order):
        total += segment.clips
        device = max(
            (name for name in shares if shares[name] > 0),
            key=lambda name: shares[name] * total - counts[name],
        )
        counts[device] += segment.clips
        devices[segment.name] = device
    return devices
