"""Checks of `meta.csv`: the names of the clips and what the other columns say of them."""

import pandas as pd

from dssd_tf.data.clip_name import parse_clip_names
from dssd_tf.data.known_dataset import KnownDataset
from dssd_tf.data.verification.fault import FaultList
from dssd_tf.data.verification.tables import META

_FORMS = {
    5: "scene-city-location-segment-device",
    6: "scene-city-location-segment-sub-device",
}
# What a column of meta.csv must agree with in the name.
_AGREE = {"scene_label": "scene", "identifier": "identifier", "source_label": "device"}


def check_meta(meta: pd.DataFrame, known: KnownDataset | None, faults: FaultList) -> pd.DataFrame:
    """Check names, columns, scenes, devices and counts of a labelled set.

    Args:
        meta: The rows of `meta.csv`, with their line number in the column row.
        known: The dataset it should be.
        faults: Where the faults go.

    Returns:
        The rows with the parts of their names added as the columns scene, city, location,
        segment, sub and device.
    """
    names = parse_clip_names(meta["filename"])
    table = meta.join(names.drop(columns="identifier"))
    unread = names["scene"].isna()
    parts = names["sub"].notna().astype(int) + 5
    expected = known.name_parts.value if known and known.name_parts else _commonest(parts[~unread])
    form = _FORMS.get(expected, " or ".join(_FORMS.values()))
    wrong = unread | (parts != expected)
    faults.add_rows(
        "name",
        META,
        meta.loc[wrong, "row"].to_list(),
        meta.loc[wrong, "filename"],
        [form] * int(wrong.sum()),
        "{found} is not of the form {expected}",
    )
    for column, part in _AGREE.items():
        differs = ~unread & (meta[column] != names[part])
        faults.add_rows(
            f"{column} against name",
            META,
            meta.loc[differs, "row"].to_list(),
            meta.loc[differs, column],
            [
                f"{p} by {n}"
                for p, n in zip(
                    names.loc[differs, part], meta.loc[differs, "filename"], strict=True
                )
            ],
            "has {found}, expected {expected}",
        )
    if known is not None:
        _check_known(meta, known, faults)
    return table


def check_numbered(meta: pd.DataFrame, faults: FaultList, file: str = META) -> None:
    """Check that the clips of an evaluation set are named 0.wav, 1.wav, … without a gap."""
    stems = meta["filename"].astype(object).str.extract(r"(?:\A|/)(0|[1-9][0-9]*)\.wav\Z")[0]
    wrong = stems.isna()
    faults.add_rows(
        "name",
        file,
        meta.loc[wrong, "row"].to_list(),
        meta.loc[wrong, "filename"],
        ["N.wav"] * int(wrong.sum()),
        "{found} is not of the form {expected}",
    )
    numbers = set(stems.dropna().astype(int))
    gaps = sorted(set(range(len(meta))) - numbers)
    if gaps and not wrong.any():
        text = f"has no {gaps[0]}.wav although it names {len(meta)} clips"
        faults.add("name", file, text, expected=f"0.wav … {len(meta) - 1}.wav")


def compare_counts(
    found: dict[str, int],
    expected: dict[str, int],
    file: str,
    what: str,
    mark: str,
    faults: FaultList,
) -> None:
    """Compare clips by `what` with the counts that are known; `mark` tells an unverified one."""
    for name in sorted(found.keys() | expected.keys()):
        is_, should = found.get(name, 0), expected.get(name, 0)
        if is_ != should:
            text = f"{is_} clips of {what} {name}, expected {should}{mark}"
            faults.add("count", file, text, found=is_, expected=should)


def _check_known(meta: pd.DataFrame, known: KnownDataset, faults: FaultList) -> None:
    for column, allowed in (
        ("scene_label", known.scenes.value),
        ("source_label", known.devices.all),
    ):
        stray = ~meta[column].isin(allowed)
        faults.add_rows(
            column,
            META,
            meta.loc[stray, "row"].to_list(),
            meta.loc[stray, column],
            [", ".join(allowed)] * int(stray.sum()),
            f"{{found}} is not one of {known.name} ({{expected}})",
        )
    if len(meta) != known.clips.value:
        text = f"{len(meta)} clips, expected {known.clips} in {known.name}"
        faults.add("count", META, text, found=len(meta), expected=known.clips.value)
    if known.device_clips is not None:
        counts = {str(k): int(n) for k, n in meta["source_label"].value_counts().items()}
        mark = " (unverified)" if known.device_clips.unverified else ""
        compare_counts(counts, known.device_clips.value, META, "device", mark, faults)


def _commonest(parts: pd.Series) -> int:
    return 0 if parts.empty else int(parts.mode().iloc[0])
