"""Checks of one output file, from its bytes to its probabilities."""

import io
from collections.abc import Sequence

import numpy as np
import pandas as pd

from dssd_tf.challenge.fault import Fault, row_faults, show
from dssd_tf.challenge.output import output_columns
from dssd_tf.challenge.validate_rows import check_rows
from dssd_tf.config_errors import nearest

MAX_HEADER_BYTES = 10_000
_BOM = b"\xef\xbb\xbf"


def check_output(
    file: str, data: bytes, classes: Sequence[str], names: Sequence[str], *, numbered: bool
) -> list[Fault]:
    """Every fault of an output file.

    Args:
        file: The file's name, for the faults.
        data: Its bytes.
        classes: The classes in the order of the columns.
        names: The base names of the evaluation files, each wanted once.
        numbered: Whether `names` are 0.wav … of an official set, for clearer messages.
    """
    data, faults = _check_text(file, data)
    columns = output_columns(classes)
    header, _, body = data.partition(b"\n")
    order, header_faults = _check_header(file, header, columns)
    faults += header_faults
    if order is None:
        return faults
    table, lines, field_faults = _read_rows(file, body, order)
    faults += field_faults
    return faults + check_rows(file, table, lines, classes, names, numbered=numbered)


def _check_text(file: str, data: bytes) -> tuple[bytes, list[Fault]]:
    """Faults of the bytes, and the bytes mended so that the rest can be judged."""
    faults = []

    def add(field: str, found: str, expected: str, message: str, row: int | None = None) -> None:
        faults.append(Fault(file, row, field, found, expected, message))

    if data.startswith(_BOM):
        add("encoding", "byte order mark", "UTF-8 without a mark", "starts with a BOM", 1)
        data = data.removeprefix(_BOM)
    if b"\r" in data:
        count = data.count(b"\r")
        add("line ends", f"{count} CR", "LF", f"has {count} carriage returns; end lines with LF")
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\x00" in data:
        add("encoding", "NUL bytes", "UTF-8 text", "holds NUL bytes")
        data = data.replace(b"\x00", b"")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        add("encoding", f"byte 0x{data[error.start]:02x}", "UTF-8", "is not UTF-8", row)
        data = data.decode("utf-8", errors="replace").encode("utf-8")
    if b'"' in data:
        row = data.count(b"\n", 0, data.index(b'"')) + 1
        add("quoting", 'a "', "no quotation marks", "quotes a field; write plain fields", row)
        data = data.replace(b'"', b"")
    return data, faults


def _check_header(
    file: str, header: bytes, columns: list[str]
) -> tuple[list[str] | None, list[Fault]]:
    """The columns as they stand, or None where the rows cannot be judged."""
    expected = " ".join(columns)
    if len(header) > MAX_HEADER_BYTES or header.count(b"\t") > 10 * len(columns):
        count = header.count(b"\t") + 1
        message = f"has {count} columns in {len(header)} bytes of header, not {len(columns)}"
        return None, [Fault(file, 1, "header", f"{count} columns", expected, message)]
    text = header.decode("utf-8")
    found = text.split("\t")

    def fault(field: str, message: str) -> list[Fault]:
        return [Fault(file, 1, field, show(text), expected, message)]

    if not text.strip():
        return None, fault("header", "is empty")
    if found == columns:
        return found, []
    if len(found) == 1:
        return None, fault("separator", "the header has no TAB; separate fields by TAB")
    if found[0].endswith(".wav"):
        return None, fault("header", "starts with a row; the first line must name the columns")
    if sorted(found) == sorted(columns):
        return found, fault("column order", "columns are not in the required order")
    missing = [name for name in columns if name not in found]
    extra = [name for name in found if name not in columns]
    parts = []
    if missing:
        parts.append("lacks " + ", ".join(f"'{name}'" for name in missing))
    if extra:
        parts.append("; ".join(f"unknown column '{show(n)}'{nearest(n, missing)}" for n in extra))
    if not parts:
        parts.append("names a column twice")
    return None, fault("header", "; ".join(parts))


def _read_rows(
    file: str, body: bytes, columns: list[str]
) -> tuple[pd.DataFrame, np.ndarray, list[Fault]]:
    """The rows with the right number of fields, their line numbers, and faults of the others."""
    if body and not body.endswith(b"\n"):
        body += b"\n"
    array = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(array == ord("\n"))
    tabs = np.flatnonzero(array == ord("\t"))
    # Tabs before each line's end, as a running count; its differences are tabs a line.
    fields = np.diff(np.searchsorted(tabs, ends), prepend=0) + 1
    lines = np.arange(2, len(ends) + 2)
    faults: list[Fault] = []
    if (wrong := fields != len(columns)).any():
        counts = fields[wrong]
        faults = row_faults(
            file,
            lines[wrong],
            "fields",
            f"{len(columns)} fields",
            lambda i: (f"{counts[i]} fields", f"has {counts[i]} fields, not {len(columns)}"),
        )
        starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
        keep = zip(starts[~wrong], ends[~wrong] + 1, strict=True)
        body = b"".join(body[start:end] for start, end in keep)
        lines = lines[~wrong]
    return _parse(body, columns), lines, faults


def _parse(body: bytes, columns: list[str]) -> pd.DataFrame:
    """Rows as text columns and, where every field is a number, float columns."""
    if not body:
        return pd.DataFrame({name: pd.Series(dtype=str) for name in columns})
    text = {"filename": str, "scene_label": str}
    numbers = {name: np.float64 for name in columns if name not in text}
    for dtypes in ({**text, **numbers}, str):
        try:
            return pd.read_csv(
                io.BytesIO(body),
                sep="\t",
                header=None,
                names=columns,
                dtype=dtypes,  # type: ignore[arg-type]
                quoting=3,
                na_filter=False,
                skip_blank_lines=False,
            )
        except ValueError:
            # A field that is no number: read again as text, so that its row can be told.
            continue
    raise AssertionError("text columns always parse")
