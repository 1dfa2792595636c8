"""A dataset's fold as tables of clips."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dssd_tf.data.config import DataConfig
from dssd_tf.data.listed_files import require_files
from dssd_tf.data.tables import read_table
from dssd_tf.errors import DataError
from dssd_tf.progress import warn


@dataclass(frozen=True)
class Dataset:
    """The clips of one fold.

    Each table has the columns filename (relative to `root`), scene_label, recording (clips of
    one recording place share it), device, and label (index into `classes`).
    """

    root: Path
    classes: tuple[str, ...]
    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame

    @property
    def devices(self) -> tuple[str, ...]:
        """Every device of the fold, sorted."""
        tables = (self.train, self.validation, self.test)
        return tuple(sorted({name for table in tables for name in table["device"]}))

    @property
    def filenames(self) -> list[str]:
        """Every clip of the fold, each once, sorted."""
        tables = (self.train, self.validation, self.test)
        return sorted({name for table in tables for name in table["filename"]})


def read_dataset(root: Path, config: DataConfig, *, seed: int = 0) -> Dataset:
    """Read `meta.csv` and the fold's `train` and `evaluate` lists, and hold out validation.

    Raises:
        DataError: The folder or a table is missing or malformed, a listed clip has no file or
            no row in `meta.csv`, labels disagree, the fold is empty, a class has no training
            clip, a clip is from a device that `config.devices` does not have, no training clip is
            from `config.train_devices`, or one recording lies in train and test and
            `config.allow_leaky_fold` is off.
    """
    root = Path(root)
    if not root.is_dir():
        raise DataError(
            "no such data folder", path=root, fix="give the dataset's folder with --data"
        )
    meta = read_table(
        root / "meta.csv", ["filename", "scene_label", "identifier", "source_label"]
    ).set_index("filename")
    parts = {}
    for part, path in _lists(root, config).items():
        if not path.is_file():
            kind = "fold" if config.split is None else "split"
            raise DataError(f"no such {kind} list", path=path, fix=_choices(root, kind))
        parts[part] = _join(read_table(path, ["filename", "scene_label"]), meta, path)
        _refuse_devices(parts[part], config, path)
    require_files(root, pd.concat(list(parts.values()))["filename"])
    parts["train"] = _of_devices(parts["train"], config, root)
    classes = _classes(parts["train"], parts["test"], config, root)
    for table in parts.values():
        table["label"] = table["scene_label"].map({name: i for i, name in enumerate(classes)})
    _refuse_leak(parts["train"], parts["test"], config, root)
    train, validation = _hold_out(parts["train"], config.validation_fraction, seed)
    return Dataset(root, classes, train, validation, parts["test"].reset_index(drop=True))


def _join(listed: pd.DataFrame, meta: pd.DataFrame, path: Path) -> pd.DataFrame:
    if listed.empty:
        raise DataError("the fold lists no clips", path=path, fix="choose another data.fold")
    unknown = listed.loc[~listed["filename"].isin(meta.index), "filename"]
    if len(unknown):
        raise DataError(f"lists {unknown.iloc[0]}, which meta.csv does not have", path=path)
    rows = meta.loc[listed["filename"]]
    differs = listed.loc[rows["scene_label"].to_numpy() != listed["scene_label"].to_numpy()]
    if len(differs):
        first = differs.iloc[0]
        raise DataError(
            f"labels {first['filename']} {first['scene_label']!r}, "
            f"meta.csv says {meta.loc[first['filename'], 'scene_label']!r}",
            path=path,
        )
    return pd.DataFrame(
        {
            "filename": listed["filename"].to_numpy(),
            "scene_label": listed["scene_label"].to_numpy(),
            "recording": (rows["scene_label"] + "-" + rows["identifier"]).to_numpy(),
            "device": rows["source_label"].to_numpy(),
        }
    )


def _refuse_devices(table: pd.DataFrame, config: DataConfig, path: Path) -> None:
    if config.devices is None:
        return
    stray = table.loc[~table["device"].isin(config.devices)]
    if len(stray):
        first = stray.iloc[0]
        raise DataError(
            f"lists {first['filename']}, which is from device {first['device']!r}, not among "
            f"data.devices {list(config.devices)} ({len(stray)} such clips)",
            path=path,
            fix="add the device to data.devices or take its clips out of the list",
        )


def _of_devices(train: pd.DataFrame, config: DataConfig, root: Path) -> pd.DataFrame:
    """The training clips of the devices that a model for some devices learns from."""
    if config.train_devices is None:
        return train
    there = sorted(set(train["device"]))
    missing = [name for name in config.train_devices if name not in there]
    if missing:
        raise DataError(
            f"no training clip is from device {missing[0]!r} of data.train_devices",
            path=root,
            fix=f"choose among {', '.join(there)}",
        )
    return train[train["device"].isin(config.train_devices)].reset_index(drop=True)


def _refuse_leak(train: pd.DataFrame, test: pd.DataFrame, config: DataConfig, root: Path) -> None:
    """A recording on both sides makes the test easier than it is: stop, or at least say so."""
    shared = sorted(set(train["recording"]) & set(test["recording"]))
    if not shared:
        return
    problem = (
        f"the lists have recording {shared[0]!r} in train and test ({len(shared)} such recordings)"
    )
    if not config.allow_leaky_fold:
        raise DataError(
            problem,
            path=root / "evaluation_setup",
            fix="use lists that keep a recording on one side, or set data.allow_leaky_fold=true "
            "to train all the same",
        )
    warn(f"{root / 'evaluation_setup'}: {problem}: test results will be too good")


def _classes(
    train: pd.DataFrame, test: pd.DataFrame, config: DataConfig, root: Path
) -> tuple[str, ...]:
    found = set(train["scene_label"]) | set(test["scene_label"])
    classes = config.classes or tuple(sorted(found))
    if len(classes) < 2:
        raise DataError(
            f"the fold has a single class, {classes[0]!r}; at least two are needed", path=root
        )
    stray = sorted(found - set(classes))
    if stray:
        raise DataError(
            f"the data has the label {stray[0]!r}, which is not in data.classes {list(classes)}",
            path=root,
            fix="add it to data.classes or leave data.classes out",
        )
    empty = [name for name in classes if name not in set(train["scene_label"])]
    if empty:
        raise DataError(
            f"class {empty[0]!r} has no training clip",
            path=root,
            fix="take it out of data.classes or choose another fold",
        )
    return tuple(classes)


def _hold_out(train: pd.DataFrame, fraction: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Whole recordings of each class, at least one where a class has two or more."""
    held: set[str] = set()
    if fraction > 0:
        generator = np.random.default_rng([seed, 0x5A11])
        for _, clips in train.groupby("scene_label", sort=True):
            sizes = clips["recording"].value_counts(sort=False).sort_index()
            order = generator.permutation(len(sizes))
            wanted, taken = fraction * len(clips), 0
            for position in order[: len(sizes) - 1]:
                if taken >= wanted:
                    break
                held.add(str(sizes.index[position]))
                taken += int(sizes.iloc[position])
    mask = train["recording"].isin(held)
    return train[~mask].reset_index(drop=True), train[mask].reset_index(drop=True)


def _lists(root: Path, config: DataConfig) -> dict[str, Path]:
    setup = root / "evaluation_setup"
    if config.split is not None:
        return {"train": setup / f"split{config.split}.csv", "test": setup / "test.csv"}
    return {
        "train": setup / f"fold{config.fold}_train.csv",
        "test": setup / f"fold{config.fold}_evaluate.csv",
    }


def _choices(root: Path, wanted: str) -> str:
    """What there is of the wanted kind of list, or of the other."""
    names = [p.name for p in (root / "evaluation_setup").glob("*.csv")]
    found = {}
    for kind, form in (("fold", r"fold(\d+)_train.csv"), ("split", r"split(\d+).csv")):
        numbers = sorted(int(m[1]) for name in names if (m := re.fullmatch(form, name)))
        if numbers:
            found[kind] = f"set data.{kind} to one of {', '.join(map(str, numbers))}"
    if wanted == "split" and wanted not in found and "fold" in found:
        return f"the set has no split lists: leave data.split null and {found['fold']}"
    return " or ".join(found.values()) or "point --data at a folder in the TAU layout"
