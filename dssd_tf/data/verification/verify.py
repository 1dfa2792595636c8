"""Verifying a dataset's folder: every fault by name, and a table of what it holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from dssd_tf.data.known_dataset import KnownDataset, load_known_dataset, recognise_dataset
from dssd_tf.data.verification.audio import check_audio, check_copies
from dssd_tf.data.verification.fault import DataFault, FaultList
from dssd_tf.data.verification.files import check_files
from dssd_tf.data.verification.headers import read_headers
from dssd_tf.data.verification.lists import SETUP, check_lists, read_lists, unknown_lists
from dssd_tf.data.verification.meta import check_meta, check_numbered
from dssd_tf.data.verification.tables import META, META_COLUMNS, read_checked
from dssd_tf.errors import DataError

AudioCheck = Literal["none", "headers", "samples"]


@dataclass(frozen=True)
class Verification:
    """What a dataset's folder holds, and what is wrong with it.

    Args:
        dataset: Name of the known dataset it was compared with, or None.
        table: Clips: rows are (list, scene), columns the devices, both with a total; the list
            `meta` holds all. Empty for a set without labels.
        faults: What is wrong.
        total_faults: Their number, those that `faults` only counts included.
        audio: What the recordings were checked for: sampling_rate in Hz, channels, seconds,
            bit_depth.
        remarks: What was not checked, and why.
    """

    dataset: str | None
    clips: int
    table: pd.DataFrame
    faults: list[DataFault]
    total_faults: int
    audio: dict[str, Any]
    remarks: list[str]


def verify(
    root: Path | str,
    dataset: str | None = None,
    *,
    audio: AudioCheck = "headers",
    workers: int | None = None,
    shown: int | None = 20,
) -> Verification:
    """Check a dataset in the TAU layout.

    Args:
        root: The dataset's folder.
        dataset: The known dataset it should be; None recognises it by its name or size.
        audio: `headers` checks format and length of every recording and finds copies, `samples`
            reads them to the end, `none` looks at the tables and the presence of files only.
        workers: Processes that read recordings; None takes one a core.
        shown: The most faults told one by one of each check and file; None tells all.

    Raises:
        DataError: No such folder, or nothing in it that belongs to a dataset; an unknown
            `dataset`.
    """
    root = Path(root)
    _require_dataset(root)
    named = None if dataset is None else load_known_dataset(dataset)
    faults = FaultList(shown)
    labelled = _labelled(root, named)
    columns = META_COLUMNS if labelled else ("filename",)
    file = META if labelled or (root / META).is_file() else f"{SETUP}/fold1_test.csv"
    meta = read_checked(root, file, columns, faults)
    if meta is None:
        remarks = [f"{file} cannot be used: nothing else was checked"]
        return Verification(dataset, 0, pd.DataFrame(), faults.faults, faults.total, {}, remarks)
    known = named or recognise_dataset(root, len(meta))
    remarks = [] if known else ["not a known dataset: counts and devices were not checked"]
    remarks += [
        f"{SETUP}/{name}.csv: not a known list, not checked" for name in unknown_lists(root)
    ]
    lists = read_lists(root, known, complete=named is not None, faults=faults)
    if labelled:
        meta = check_meta(meta, known, faults)
        check_lists(lists, meta, known, faults)
        table = crosstab(meta, lists)
    else:
        _check_unlabelled(meta, file, lists, known, faults)
        table = pd.DataFrame()
    others = (name for listed in lists.values() for name in listed["filename"])
    sizes = check_files(root, file, meta, others, faults)
    expected: dict[str, Any] = {}
    if audio == "none":
        remarks.append("recordings were not read")
    else:
        headers = read_headers(root, sizes, whole=audio == "samples", workers=workers)
        expected = check_audio(headers, known, faults)
        check_copies(root, headers, sizes, faults)
    name = known.name if known else None
    return Verification(name, len(meta), table, faults.faults, faults.total, expected, remarks)


def crosstab(meta: pd.DataFrame, lists: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Clips by list and scene (rows) and device (columns), with totals.

    Args:
        meta: The rows of `meta.csv`.
        lists: The rows of each list, by name.
    """
    every = meta.set_index("filename")[["scene_label", "source_label"]]
    parts = {"meta": every}
    for name, table in lists.items():
        parts[name] = every.loc[table.loc[table["filename"].isin(every.index), "filename"]]
    stacked = pd.concat(parts, names=["list"]).reset_index("list")
    counts = {
        name: pd.crosstab(part["scene_label"], part["source_label"], margins=True)
        for name, part in stacked.groupby("list", sort=False)
        if len(part)
    }
    if not counts:
        return pd.DataFrame()
    table = pd.concat(counts, names=["list", "scene"]).fillna(0).astype(int)
    return table.rename(columns={"All": "total"}, index={"All": "total"})[
        [*sorted(set(every["source_label"]), key=_natural), "total"]
    ]


def _require_dataset(root: Path) -> None:
    if not root.is_dir():
        raise DataError("no such data folder", path=root, fix="name the dataset's folder")
    if not any((root / name).exists() for name in (META, SETUP, "audio")):
        inner = [path.parent.name for path in root.glob(f"*/{META}")]
        fix = f"perhaps {root / inner[0]} is meant" if inner else "name the dataset's folder"
        raise DataError(f"holds no {META}, no {SETUP}/ and no audio/", path=root, fix=fix)


def _labelled(root: Path, named: KnownDataset | None) -> bool:
    """Whether `meta.csv` must tell scenes; an evaluation set's names the clips at most."""
    if named is not None:
        return named.kind == "development"
    try:
        header = (root / META).open(encoding="utf-8").readline()
    except FileNotFoundError:
        return not (root / SETUP / "fold1_test.csv").is_file() or any(
            (root / SETUP).glob("*_train.csv")
        )
    except (OSError, UnicodeDecodeError):
        return True
    return "\t" in header or header.strip() != "filename"


def _check_unlabelled(
    meta: pd.DataFrame,
    file: str,
    lists: dict[str, pd.DataFrame],
    known: KnownDataset | None,
    faults: FaultList,
) -> None:
    check_numbered(meta, faults, file)
    if known is not None and len(meta) != known.clips.value:
        text = f"{len(meta)} clips, expected {known.clips} in {known.name}"
        faults.add("count", file, text, found=len(meta), expected=known.clips.value)
    for name, table in lists.items():
        listed = f"{SETUP}/{name}.csv"
        unknown = ~table["filename"].isin(meta["filename"])
        faults.add_rows(
            "list against meta",
            listed,
            table.loc[unknown, "row"].to_list(),
            table.loc[unknown, "filename"],
            [f"a clip of {file}"] * int(unknown.sum()),
            "{found} is not in the table of all clips ({expected})",
        )
        if known is None or name not in known.lists:
            continue
        if len(table) != known.lists[name].clips.value:
            expected = known.lists[name].clips
            text = f"{len(table)} clips, expected {expected} in {known.name}"
            faults.add("count", listed, text, found=len(table), expected=expected.value)
        if known.device_column is not None:
            _check_device_column(table, listed, known, faults)


def _check_device_column(
    table: pd.DataFrame, file: str, known: KnownDataset, faults: FaultList
) -> None:
    column = known.device_column.value if known.device_column else ""
    if column not in table.columns:
        text = f"lacks the column {column}; it has {', '.join(table.columns.drop('row'))}"
        faults.add("columns", file, text, expected=column)
        return
    stray = ~table[column].isin(known.devices.all)
    faults.add_rows(
        column,
        file,
        table.loc[stray, "row"].to_list(),
        table.loc[stray, column],
        [", ".join(known.devices.all)] * int(stray.sum()),
        "{found} is not a device of the set ({expected})",
    )


def _natural(device: str) -> tuple[bool, int, str]:
    """Real devices (letters) first, then s1, s2, … s10 by number."""
    number = device[1:]
    simulated = device[:1] == "s" and number.isdecimal()
    return simulated, int(number) if simulated else 0, device
