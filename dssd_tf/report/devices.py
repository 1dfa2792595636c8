"""Recording devices in the order and the groups of the DCASE result tables."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from dssd_tf.report.schema import Scores


@dataclass(frozen=True)
class DeviceGroup:
    """Devices that belong together, in order."""

    name: str
    devices: tuple[str, ...]

    @property
    def label(self) -> str:
        """Its heading: a group of one device names it."""
        return self.name if self.inner else f"{self.name}: {self.devices[0]}"

    @property
    def inner(self) -> tuple[str, ...]:
        """The devices with a row of their own: one alone would repeat that of the group."""
        return self.devices if len(self.devices) > 1 else ()


_REAL = ("a", "b", "c", "d")
_SIMULATED = tuple(f"s{number}" for number in range(1, 11))
_SEEN = frozenset({*_REAL, "s1", "s2", "s3"})


def group_devices(
    devices: Iterable[str], trained: Collection[str] | None = None
) -> list[DeviceGroup]:
    """Sort device names into groups, none of them empty: real, simulated and other ones.

    Real devices are a to d, simulated ones s1 to s10, of which s1 to s3 occur in the training
    set of the TAU sets (Heittola, Mesaros and Virtanen, "Acoustic scene classification in DCASE
    2020 Challenge", 2020).

    Args:
        devices: Devices of the clips.
        trained: Devices of the training clips, which make the difference between seen and
            unseen; None for those of the TAU sets, without a difference among real and other
            ones.
    """
    present = set(devices)
    others = tuple(sorted(present - {*_REAL, *_SIMULATED}, key=_natural))
    seen = _SEEN if trained is None else set(trained)
    groups = []
    for kind, members in (("real", _REAL), ("simulated", _SIMULATED), ("other", others)):
        there = [device for device in members if device in present]
        if trained is None and kind != "simulated":
            groups.append(DeviceGroup(kind, tuple(there)))
            continue
        for name, known in (("seen", True), ("unseen", False)):
            part = tuple(device for device in there if (device in seen) is known)
            groups.append(DeviceGroup(f"{name} {kind}", part))
    return [group for group in groups if group.devices]


def pool(scores: Iterable[Scores]) -> Scores:
    """The mean of several devices' scores, weighted by their clips."""
    counted = [s for s in scores if s.samples > 0]
    samples = sum(s.samples for s in counted)
    return Scores(
        samples=samples,
        accuracy=_weighted_mean([(s.samples, s.accuracy) for s in counted]),
        log_loss=_weighted_mean([(s.samples, s.log_loss) for s in counted]),
    )


def _weighted_mean(pairs: list[tuple[int, float | None]]) -> float | None:
    known = [(weight, value) for weight, value in pairs if value is not None]
    weights = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / weights if weights else None


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part or 0), text) for text, part in re.findall(r"(\D*)(\d*)", name)]
