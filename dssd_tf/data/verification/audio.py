"""Checks of the recordings: format, length, content."""

from pathlib import Path

import pandas as pd

from dssd_tf.data.known_dataset import KnownDataset
from dssd_tf.data.verification.fault import FaultList
from dssd_tf.data.verification.headers import digest

# As when clips are read for training: less is fitted without a word.
_LENGTH_TOLERANCE = 0.01


def check_audio(
    headers: pd.DataFrame, known: KnownDataset | None, faults: FaultList
) -> dict[str, object]:
    """Check the headers against the known dataset, else against what most of the files have.

    Args:
        headers: From `read_headers`.
        known: The dataset it should be.
        faults: Where the faults go.

    Returns:
        What was expected: sampling_rate in Hz, channels, seconds, bit_depth; empty without files.
    """
    for name, fault in headers.loc[headers["fault"] != "", ["filename", "fault"]].itertuples(
        index=False
    ):
        faults.add("audio", name, fault, expected="readable audio")
    cut_short = headers["truncated"] != ""
    for name, text in headers.loc[cut_short, ["filename", "truncated"]].itertuples(index=False):
        faults.add("truncated", name, text, expected="all that the header promises")
    readable = headers[headers["rate"] > 0]
    if readable.empty:
        return {}
    seconds = readable["frames"] / readable["rate"]
    if known is not None:
        expected = {
            "sampling_rate": known.sampling_rate.value,
            "channels": 1,
            "seconds": known.clip_seconds.value,
            "bit_depth": known.bit_depth.value,
        }
    else:
        expected = {
            "sampling_rate": int(readable["rate"].mode().iloc[0]),
            "channels": 1,
            "seconds": round(float(seconds.mode().iloc[0]), 4),
            "bit_depth": int(readable["bits"].mode().iloc[0]),
        }
    most = "" if known is not None else " as most files have"
    for check, values, wanted, unit in (
        ("sampling rate", readable["rate"], expected["sampling_rate"], " Hz"),
        ("channels", readable["channels"], expected["channels"], ""),
        ("bit depth", readable["bits"], expected["bit_depth"], " bits"),
    ):
        for name, value in _pairs(readable, values, values != wanted):
            text = f"has {value}{unit or ' ' + check}, expected {wanted}{unit}"
            hint = "" if check == "channels" else most
            faults.add(check, name, text + hint, found=value, expected=wanted)
    length = expected["seconds"]
    off = (seconds - length).abs() > _LENGTH_TOLERANCE * max(length, 1e-9)
    # Told with its reason above.
    off &= readable["truncated"] == ""
    for name, value in _pairs(readable, seconds, off):
        text = f"lasts {value:.3f} s, expected {length:.3f} s{most}"
        faults.add("duration", name, text, found=f"{value:.3f}", expected=f"{length:.3f}")
    return dict(expected)


def check_copies(
    root: Path, headers: pd.DataFrame, sizes: dict[str, int], faults: FaultList
) -> None:
    """Find recordings with the same bytes under different names.

    Only files of one size that begin alike are read to the end.

    Args:
        root: The dataset's folder.
        headers: From `read_headers`.
        sizes: Bytes of each recording, by name.
        faults: Where the faults go.
    """
    table = headers[["filename", "head"]].assign(size=headers["filename"].map(sizes))
    alike = table[table.duplicated(["head", "size"], keep=False)]
    contents = {name: digest(root / name) for name in sorted(alike["filename"])}
    first: dict[bytes, str] = {}
    for name, content in contents.items():
        original = first.setdefault(content, name)
        if original != name:
            text = f"has the same content as {original}"
            faults.add("copy", name, text, found=original, expected="a recording of its own")


def _pairs(table: pd.DataFrame, values: pd.Series, chosen: pd.Series) -> list[tuple[str, float]]:
    return list(zip(table.loc[chosen, "filename"], values[chosen], strict=True))
