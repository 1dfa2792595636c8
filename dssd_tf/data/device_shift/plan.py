"""Which clip is rendered by which devices, and the tables that say so."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from dssd_tf.data.clip_name import parse_clip_names
from dssd_tf.data.device_shift.allotment import Segment, allotted
from dssd_tf.data.listed_files import require_files
from dssd_tf.data.tables import read_table
from dssd_tf.errors import DataError
from dssd_tf.progress import warn

SETUP = "evaluation_setup"
_META = ("filename", "scene_label", "identifier", "source_label")
_TRAIN = r"fold\d+_train|split\d+"
_TEST = r"fold\d+_(?:test|evaluate)|test"


@dataclass(frozen=True)
class Task:
    """The renderings of one clip.

    Attributes:
        source: The clip, relative to the source's folder.
        outputs: Devices and the names of what they record, relative to the new folder.
    """

    source: str
    outputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Plan:
    """What to render and to write.

    Attributes:
        tasks: One a clip.
        meta: The new `meta.csv`, with every column of the old one.
        lists: The new lists by file name, with every column of the old ones.
        unlisted: Clips of the source that no list names.
    """

    tasks: list[Task]
    meta: pd.DataFrame
    lists: dict[str, pd.DataFrame]
    unlisted: int


def plan_shift(
    root: Path, *, seed: int, shares: Mapping[str, float], test_devices: Sequence[str]
) -> Plan:
    """Read a set in the TAU layout and plan its variant.

    A clip of training lists is recorded by one device, the same in every training list; a clip
    of test lists by all test devices. One that is in both kinds, in different folds, is recorded
    by all of these, and each list names its own.

    Args:
        root: The source's folder.
        seed: The new set's seed, 0 or more.
        shares: The share of each device in the training clips, 0 to 1, 1 in all.
        test_devices: The devices that record every test clip.

    Raises:
        DataError: A folder, table or file is missing or malformed, no list is there, a clip's
            name is not a TAU name, or the source has several devices.
    """
    if not root.is_dir():
        raise DataError("no such data folder", path=root, fix="name the source's folder")
    meta = read_table(root / "meta.csv", _META)
    lists = _lists(root, meta)
    _refuse_devices(meta, root)
    names = _names(meta, root)
    training = {name: table for name, table in lists.items() if re.fullmatch(_TRAIN, name)}
    device = _training_devices(meta, names, training, seed, shares)
    wanted: dict[str, set[str]] = {}
    renamed = {}
    for name, table in lists.items():
        devices = (
            table["filename"].map(device).map(lambda one: (one,))
            if name in training
            else pd.Series([tuple(test_devices)] * len(table), index=table.index)
        )
        for clip, some in zip(table["filename"], devices, strict=True):
            wanted.setdefault(clip, set()).update(some)
        renamed[f"{name}.csv"] = _expanded(table, devices).drop(columns="device")
    listed = meta[meta["filename"].isin(wanted)].reset_index(drop=True)
    require_files(root, listed["filename"])
    order = [*dict.fromkeys((*shares, *test_devices))]
    each = listed["filename"].map(lambda clip: tuple(d for d in order if d in wanted[clip]))
    new = _expanded(listed, each)
    new["source_label"] = new.pop("device")
    if new["filename"].duplicated().any():
        twice = new.loc[new["filename"].duplicated(), "filename"].iloc[0]
        raise DataError(
            f"two clips would be named {twice}",
            path=root / "meta.csv",
            fix="give clips names that differ in more than the device",
        )
    tasks = [
        Task(clip, tuple((one, renamed_clip(clip, one)) for one in devices))
        for clip, devices in zip(listed["filename"], each, strict=True)
    ]
    return Plan(tasks, new, renamed, len(meta) - len(listed))


def renamed_clip(filename: str, device: str) -> str:
    """A TAU clip's name with another device."""
    path = PurePosixPath(filename)
    return str(path.with_name(f"{path.stem.rpartition('-')[0]}-{device}{path.suffix}"))


def _lists(root: Path, meta: pd.DataFrame) -> dict[str, pd.DataFrame]:
    known = set(meta["filename"])
    lists = {}
    for path in sorted((root / SETUP).glob("*.csv")):
        if not re.fullmatch(f"{_TRAIN}|{_TEST}", path.stem):
            warn(f"{path}: no list of a fold or split, left out")
            continue
        table = read_table(path, ["filename"])
        strangers = [clip for clip in table["filename"] if clip not in known]
        if strangers:
            raise DataError(f"lists {strangers[0]}, which meta.csv does not have", path=path)
        lists[path.stem] = table
    if not lists:
        raise DataError(
            "has no list of a fold or split",
            path=root / SETUP,
            fix="point at a development set in the TAU layout (fold1_train.csv, …)",
        )
    return lists


def _refuse_devices(meta: pd.DataFrame, root: Path) -> None:
    devices = sorted(set(meta["source_label"]))
    if len(devices) > 1:
        raise DataError(
            f"has {len(devices)} devices ({', '.join(devices[:6])}), expected one: a simulated "
            "device would come on top of a real one",
            path=root / "meta.csv",
            fix="name a set that one device recorded",
        )


def _names(meta: pd.DataFrame, root: Path) -> pd.DataFrame:
    names = parse_clip_names(meta["filename"])
    outside = meta["filename"].map(
        lambda name: PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts
    )
    wrong = meta.loc[names["scene"].isna() | outside.astype(bool), "filename"]
    if len(wrong):
        raise DataError(
            f"names {wrong.iloc[0]}, which is not scene-city-location-segment[-sub]-device "
            f"inside the folder ({len(wrong)} such clips)",
            path=root / "meta.csv",
            fix="rename the clips as in TAU: the device is the last part of a name",
        )
    return names


def _training_devices(
    meta: pd.DataFrame,
    names: pd.DataFrame,
    training: Mapping[str, pd.DataFrame],
    seed: int,
    shares: Mapping[str, float],
) -> dict[str, str]:
    """The device of every training clip, the same for all clips of a segment."""
    within: dict[str, list[str]] = {}
    for name, table in training.items():
        for clip in table["filename"]:
            within.setdefault(clip, []).append(name)
    parts = names[["scene", "city", "location", "segment"]].agg("-".join, axis=1)
    segment_of = dict(zip(meta["filename"], parts, strict=True))
    scene_of = dict(zip(meta["filename"], names["scene"], strict=True))
    groups: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    scenes: dict[str, str] = {}
    for clip, lists in within.items():
        segment = segment_of[clip]
        groups.setdefault(segment, set()).update(lists)
        counts[segment] = counts.get(segment, 0) + 1
        scenes[segment] = scene_of[clip]
    segments = [
        Segment(name, (scenes[name], *sorted(groups[name])), counts[name]) for name in groups
    ]
    devices = allotted(segments, shares, seed)
    return {clip: devices[segment_of[clip]] for clip in within}


def _expanded(table: pd.DataFrame, devices: pd.Series) -> pd.DataFrame:
    """A row for each device of each clip, the clip's name and the column device saying which."""
    rows = table.assign(device=devices).explode("device", ignore_index=True)
    rows["filename"] = [
        renamed_clip(clip, device)
        for clip, device in zip(rows["filename"], rows["device"], strict=True)
    ]
    return rows
