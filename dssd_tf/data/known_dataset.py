"""Facts of the published datasets, read from `datasets/<name>.yaml`, each with its source."""

import functools
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from dssd_tf.config_errors import nearest
from dssd_tf.errors import DataError
from dssd_tf.fact import Fact


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Devices(_Strict):
    """The recording devices: real ones, simulated ones in the training lists and the others."""

    real: Fact[list[str]]
    simulated_seen: Fact[list[str]]
    simulated_unseen: Fact[list[str]]

    @property
    def all(self) -> list[str]:
        """Every device."""
        return [*self.seen, *self.simulated_unseen.value]

    @property
    def seen(self) -> list[str]:
        """The devices a training list may have."""
        return [*self.real.value, *self.simulated_seen.value]


class KnownList(_Strict):
    """What one list of `evaluation_setup/` holds: clips in all, and by device."""

    clips: Fact[int]
    device_clips: Fact[dict[str, int]] | None = None


class KnownDataset(_Strict):
    """One published dataset.

    Args:
        folder: The folder inside its archives, which their names begin with.
        clip_seconds: Length of a clip in s.
        sampling_rate: Hz.
        bit_depth: Bits a sample.
        name_parts: 5 or 6 parts of a clip's name; None where clips are only numbered.
        device_column: The column of the evaluation list that tells the device.
        device_clips: Clips of each device in `meta.csv`.
        lists: The lists in `evaluation_setup/`, by name without suffix.
        nested: Lists of which each holds the one before.
        based_on: The dataset whose recordings the lists name.
        record: Number of its record in the archive.
        archives: MD5 (hexadecimal) of each archive file, where somebody published it.
        list_url: Where single lists lie, with `{list}` for the name.
    """

    name: str
    title: str
    kind: Literal["development", "evaluation"]
    licence: Fact[str]
    folder: Fact[str]
    clip_seconds: Fact[float]
    sampling_rate: Fact[int]
    bit_depth: Fact[int]
    name_parts: Fact[int] | None
    scenes: Fact[list[str]]
    devices: Devices
    device_column: Fact[str] | None = None
    clips: Fact[int]
    device_clips: Fact[dict[str, int]] | None = None
    lists: dict[str, KnownList]
    nested: Fact[list[str]] | None = None
    based_on: str | None = None
    record: Fact[int] | None = None
    archives: Fact[dict[str, str]] | None = None
    list_url: Fact[str] | None = None


def list_known_datasets() -> list[str]:
    """Names of the known datasets, sorted."""
    names = [entry.name for entry in _folder().iterdir()]
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def load_known_dataset(name: str) -> KnownDataset:
    """The facts of one dataset.

    Raises:
        DataError: No such dataset; the message names those there are.
    """
    known = list_known_datasets()
    if name not in known:
        raise DataError(
            f"unknown dataset {name!r}{nearest(name, known)}",
            fix=f"choose one of {', '.join(known)}",
        )
    return _read(name)


def recognise_dataset(root: Path, clips: int) -> KnownDataset | None:
    """The known dataset in a folder, by the folder's name or by the number of clips.

    Args:
        root: The dataset's folder.
        clips: The rows of its `meta.csv`.
    """
    sets = [load_known_dataset(name) for name in list_known_datasets()]
    # A set of lists comes with the folder of its recordings: it is the fuller description.
    present = {path.stem for path in (root / "evaluation_setup").glob("*.csv")}
    fits = [
        known
        for known in sets
        if root.resolve().name == known.folder.value or clips == known.clips.value
        if known.based_on is None or any(name in present for name in _own_lists(known))
    ]
    return max(fits, key=lambda known: len(known.lists), default=None)


def _own_lists(known: KnownDataset) -> set[str]:
    base = load_known_dataset(known.based_on).lists if known.based_on else {}
    return set(known.lists) - set(base)


def _folder() -> Any:
    return resources.files("dssd_tf.data") / "datasets"


@functools.cache
def _read(name: str) -> KnownDataset:
    return KnownDataset.model_validate(_values(name))


def _values(name: str) -> dict[str, Any]:
    values = yaml.safe_load(_folder().joinpath(f"{name}.yaml").read_text("utf-8"))
    if "based_on" in values:
        base = _values(values["based_on"])
        values = base | values | {"lists": base["lists"] | values["lists"]}
    return values
