"""What a device-shift set says of itself: `devices.json` and `README.txt`."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dssd_tf.data.device_shift import drawing
from dssd_tf.data.device_shift.device import ShiftDevice
from dssd_tf.version import __version__

_HERTZ = (50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000,
          2500, 3150, 4000, 5000, 6300, 8000, 10_000, 12_500, 16_000, 20_000)  # fmt: skip

_README = """\
The recording devices of this set are simulated. dssd_tf made it from the set
{source}
by rendering its clips through devices drawn from the seed {seed} (`dssd data devices`).

Device {untouched} is the source as it is. The devices {seen} are in training and test lists,
{unseen} in test lists only. Every test clip is there once for each of {test},
so a comparison of devices is one of the same sounds. devices.json holds all parameters.

A result on this set tells how a model stands a shift of the recording device that is made of
filters, gain, compression and noise. It is no result on real devices: report none as such.

The recordings are those of the source. Its licence holds for this set too: do not pass the set
on if the source may not be passed on, and name the authors that the source names.

The same source, seed and shares and the same versions of dssd_tf, NumPy, SciPy and libsndfile
give the same files.
"""


def description(
    source: Path,
    devices: Mapping[str, ShiftDevice],
    *,
    seed: int,
    shares: Mapping[str, float],
    test_devices: Sequence[str],
) -> dict[str, Any]:
    """The contents of `devices.json`.

    Args:
        source: The source's folder; its name is told, not its place.
        devices: The simulated devices by name.
        seed: The new set's seed.
        shares: Shares in the training clips, by device.
        test_devices: The devices that record every test clip.
    """
    hertz = np.array(_HERTZ, np.float64)
    return {
        "devices_version": drawing.VERSION,
        "package_version": __version__,
        "seed": seed,
        "source": {
            "folder": source.name,
            "meta_sha256": hashlib.sha256((source / "meta.csv").read_bytes()).hexdigest(),
        },
        "training_shares": dict(shares),
        "test_devices": list(test_devices),
        "unseen_devices": list(drawing.UNSEEN),
        "units": "frequencies Hz, gains, levels and thresholds dB, widths octaves, times s",
        "devices": {
            drawing.UNTOUCHED: "the recording as it is",
            **{name: device.values() for name, device in devices.items()},
        },
        "response_hz": list(_HERTZ),
        "response_db": {
            name: np.round(device.response(hertz), 2).tolist() for name, device in devices.items()
        },
        "distance_db": {
            name: round(drawing.distance(None, device), 2) for name, device in devices.items()
        },
    }


def readme(source: Path, *, seed: int, test_devices: Sequence[str]) -> str:
    """The text of `README.txt`."""
    return _README.format(
        source=source.name,
        seed=seed,
        untouched=drawing.UNTOUCHED,
        seen=", ".join(drawing.SEEN),
        unseen=", ".join(drawing.UNSEEN),
        test=", ".join(test_devices),
    )
