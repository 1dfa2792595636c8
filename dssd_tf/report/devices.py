"""Recording devices in the order and the groups of the DCASE result tables."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dssd_tf.report.schema import Scores


@dataclass(frozen=True)
class DeviceGroup:
    """Devices that belong together, in order."""

    name: str
    devices: tuple[str, ...]


_GROUPS = {
    "real": ("a", "b", "c", "d"),
    "seen simulated": ("s1", "s2", "s3"),
    "unseen simulated": ("s4", "s5", "s6", "s7", "s8", "s9", "s10"),
}


def group_devices(devices: Iterable[str]) -> list[DeviceGroup]:
    """Sort device names into real, seen simulated, unseen simulated and other; none is empty.

    Real devices are a to d, simulated ones s1 to s10, of which s1 to s3 occur in the training
    set (Heittola, Mesaros and Virtanen, "Acoustic scene classification in DCASE 2020 Challenge",
    2020).
    """
    present = set(devices)
    groups = [
        DeviceGroup(name, tuple(d for d in members if d in present))
        for name, members in _GROUPS.items()
    ]
    known = {device for members in _GROUPS.values() for device in members}
    groups.append(DeviceGroup("other", tuple(sorted(present - known, key=_natural))))
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
