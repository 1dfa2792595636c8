"""Which recording devices a model was trained on, and which of them are real."""

from collections.abc import Collection, Iterable

UNKNOWN = "unknown"
"""The device id of clips whose device is withheld (DCASE 2025)."""

_REAL = frozenset("abcd")
_SIMULATED = frozenset(f"s{number}" for number in range(1, 11))


def device_groups(devices: Iterable[str], trained: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The devices of each group, sorted; a group without a device is left out.

    `seen` are devices that occur in the training clips, `unseen` all others: what DCASE 2025
    calls known and unknown; its id `unknown` is never seen. Where the names are those of TAU
    Urban Acoustic Scenes Mobile, these groups follow too: `real` (a to d), `simulated_seen` and
    `simulated_unseen` (s1 to s10; Heittola, Mesaros and Virtanen, "Acoustic scene classification
    in DCASE 2020 Challenge", 2020). A device may be in two groups.

    Args:
        devices: Devices of the clips that are scored.
        trained: Devices of the training clips.
    """
    present = sorted(set(devices))
    seen = set(trained) - {UNKNOWN}
    groups = {
        "seen": [name for name in present if name in seen],
        "unseen": [name for name in present if name not in seen],
    }
    if set(present) <= _REAL | _SIMULATED | {UNKNOWN}:
        groups["real"] = [name for name in present if name in _REAL]
        for name in ("seen", "unseen"):
            groups[f"simulated_{name}"] = [d for d in groups[name] if d in _SIMULATED]
    return {name: tuple(members) for name, members in groups.items() if members}
