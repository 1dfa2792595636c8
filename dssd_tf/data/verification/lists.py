"""Checks of the lists in `evaluation_setup/`."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from dssd_tf.data.known_dataset import KnownDataset
from dssd_tf.data.verification.fault import FaultList
from dssd_tf.data.verification.meta import compare_counts
from dssd_tf.data.verification.tables import read_checked

SETUP = "evaluation_setup"
_SEGMENT = ["scene", "city", "location", "segment", "device"]


def read_lists(
    root: Path, known: KnownDataset | None, complete: bool, faults: FaultList
) -> dict[str, pd.DataFrame]:
    """The lists of folds and splits by name without suffix, in the order of their numbers.

    Args:
        root: The dataset's folder.
        known: The dataset it should be.
        complete: Whether a list of `known` that is not there is a fault.
        faults: Where the faults go.
    """
    names = [
        path.stem for path in (root / SETUP).glob("*.csv") if _unlabelled(path.stem) is not None
    ]
    if complete and known is not None:
        names += [name for name in known.lists if name not in names]
    tables = {}
    for name in sorted(names, key=_order):
        columns = ["filename"] if _unlabelled(name) else ["filename", "scene_label"]
        table = read_checked(root, f"{SETUP}/{name}.csv", columns, faults)
        if table is not None:
            tables[name] = table
    return tables


def unknown_lists(root: Path) -> list[str]:
    """Tables in `evaluation_setup/` that are neither a fold's nor a split's."""
    names = (path.stem for path in (root / SETUP).glob("*.csv"))
    return sorted(name for name in names if _unlabelled(name) is None)


def check_lists(
    lists: dict[str, pd.DataFrame],
    meta: pd.DataFrame,
    known: KnownDataset | None,
    faults: FaultList,
) -> None:
    """Check the lists against `meta.csv`, against each other and against what is known.

    Args:
        lists: By name, from `read_lists`.
        meta: The rows of `meta.csv` with the parts of the names, from `check_meta`.
        known: The dataset it should be.
        faults: Where the faults go.
    """
    meta = meta.set_index("filename")
    for name, table in lists.items():
        _check_against_meta(f"{SETUP}/{name}.csv", table, meta, faults)
        if known is not None:
            _check_known(name, table, meta, known, faults)
    for name in lists:
        if re.fullmatch(r"split\d+", name):
            _check_whole_segments(name, lists[name], meta, faults)
    for train, test in _pairs(lists):
        _check_leak(train, test, lists, meta, faults)
    for name in lists:
        if (fold := name.removesuffix("_test")) != name and f"{fold}_evaluate" in lists:
            _check_same_clips(name, f"{fold}_evaluate", lists, faults)
    splits = [name for name in lists if re.fullmatch(r"split\d+", name)]
    for small, large in itertools.pairwise(splits):
        message = "{found} is not in the larger {expected}"
        _check_within("nested", small, large, message, lists, faults)


def _check_against_meta(
    file: str, table: pd.DataFrame, meta: pd.DataFrame, faults: FaultList
) -> None:
    if table.empty:
        faults.add("list", file, "lists no clips", found="0", expected="clips")
    unknown = ~table["filename"].isin(meta.index)
    faults.add_rows(
        "list against meta",
        file,
        table.loc[unknown, "row"].to_list(),
        table.loc[unknown, "filename"],
        ["a clip of meta.csv"] * int(unknown.sum()),
        "{found} is not in meta.csv",
    )
    if "scene_label" not in table.columns:
        return
    rest = table[~unknown]
    labels = meta.loc[rest["filename"], "scene_label"].to_numpy()
    differs = rest["scene_label"].to_numpy() != labels
    faults.add_rows(
        "label against meta",
        file,
        rest.loc[differs, "row"].to_list(),
        rest.loc[differs, "scene_label"],
        labels[differs],
        "labels the clip {found}, meta.csv says {expected}",
    )


def _check_known(
    name: str, table: pd.DataFrame, meta: pd.DataFrame, known: KnownDataset, faults: FaultList
) -> None:
    file = f"{SETUP}/{name}.csv"
    facts = known.lists.get(name)
    listed = table[table["filename"].isin(meta.index)]
    devices = meta.loc[listed["filename"], "source_label"]
    if re.fullmatch(r"fold\d+_train|split\d+", name):
        unseen = devices.isin(known.devices.simulated_unseen.value).to_numpy()
        faults.add_rows(
            "device",
            file,
            listed.loc[unseen, "row"].to_list(),
            devices[unseen],
            [", ".join(known.devices.seen)] * int(unseen.sum()),
            "trains on device {found}, which only the test may have ({expected})",
        )
    if facts is None:
        return
    if len(table) != facts.clips.value:
        text = f"{len(table)} clips, expected {facts.clips} in {known.name}"
        faults.add("count", file, text, found=len(table), expected=facts.clips.value)
    if facts.device_clips is not None:
        counts = {str(k): int(n) for k, n in devices.value_counts().items()}
        mark = " (unverified)" if facts.device_clips.unverified else ""
        compare_counts(counts, facts.device_clips.value, file, "device", mark, faults)


def _check_whole_segments(
    name: str, table: pd.DataFrame, meta: pd.DataFrame, faults: FaultList
) -> None:
    """The seconds of one ten-second segment are all in a split or none is."""
    cut = meta[meta["sub"].notna()]
    if cut.empty:
        return
    whole = cut.groupby(_SEGMENT, sort=False).size()
    chosen = cut[cut.index.isin(table["filename"])].groupby(_SEGMENT, sort=False).size()
    parts = chosen[chosen != whole.loc[chosen.index]]
    for segment, count, expected in zip(parts.index, parts, whole.loc[parts.index], strict=True):
        text = f"has {count} of the {expected} clips of segment {'-'.join(segment)}"
        faults.add("segment", f"{SETUP}/{name}.csv", text, found=count, expected=expected)


def _check_leak(
    train: str, test: str, lists: dict[str, pd.DataFrame], meta: pd.DataFrame, faults: FaultList
) -> None:
    file = f"{SETUP}/{test}.csv"
    recordings = meta["scene_label"] + "-" + meta["identifier"]
    trained = recordings.reindex(lists[train]["filename"]).dropna()
    tested = lists[test].assign(recording=recordings.reindex(lists[test]["filename"]).to_numpy())
    shared = tested[tested["recording"].isin(set(trained))]
    for recording, clips in shared.groupby("recording", sort=True):
        text = f"recording {recording} is in {train} too ({len(clips)} clips here)"
        row = int(clips["row"].iloc[0])
        faults.add("leak", file, text, row=row, found=recording, expected=f"not in {train}")


def _check_same_clips(
    one: str, other: str, lists: dict[str, pd.DataFrame], faults: FaultList
) -> None:
    for name, against in ((one, other), (other, one)):
        message = "{found} is not in {expected}, which must list the same clips"
        _check_within("list against list", name, against, message, lists, faults)


def _check_within(
    check: str,
    name: str,
    against: str,
    message: str,
    lists: dict[str, pd.DataFrame],
    faults: FaultList,
) -> None:
    """A fault for each clip of the list `name` that `against` does not have."""
    extra = lists[name][~lists[name]["filename"].isin(lists[against]["filename"])]
    faults.add_rows(
        check,
        f"{SETUP}/{name}.csv",
        extra["row"].to_list(),
        extra["filename"],
        [against] * len(extra),
        message,
    )


def _pairs(lists: dict[str, pd.DataFrame]) -> Iterator[tuple[str, str]]:
    """Each training list with the lists it is tested on."""
    for name in lists:
        if (fold := name.removesuffix("_train")) != name and f"{fold}_evaluate" in lists:
            yield name, f"{fold}_evaluate"
        if re.fullmatch(r"split\d+", name) and "test" in lists:
            yield name, "test"


def _unlabelled(name: str) -> bool | None:
    """Whether a list has no labels; None if it is no list of a fold or split."""
    if re.fullmatch(r"fold\d+_test", name):
        return True
    return False if re.fullmatch(r"fold\d+_(train|evaluate)|split\d+|test", name) else None


def _order(name: str) -> tuple[int, int, str]:
    number = re.search(r"\d+", name)
    kind = ("fold", "split", "test").index(re.match(r"fold|split|test", name)[0])  # type: ignore[index]
    return kind, int(number[0]) if number else 0, name
