"""Checks of one output file, from its bytes to its probabilities."""

import io
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from dssd_tf.challenge.fault import Fault, row_faults, show
from dssd_tf.challenge.output import output_columns
from dssd_tf.challenge.validate_rows import check_rows
from dssd_tf.config_errors import nearest

MAX_HEADER_BYTES = 10_000
MAX_ROW_BYTES = 2_000
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Of a row that cannot be read: enough for the name of its file.
_NAME_BYTES = 100


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
    columns = output_columns(classes)
    most = 2 * len(names) + 1000
    if (count := max(data.count(b"\n"), data.count(b"\r"))) > most:
        shown, message = f"{count} lines", f"has {count} lines, far too many to be judged"
        return [Fault(file, None, "rows", shown, f"{len(names) + 1} lines", message)]
    data, faults = _check_text(file, data)
    header, _, body = data.partition(b"\n")
    order, header_faults = _check_header(file, header, columns)
    faults += header_faults
    if order is None:
        return faults
    table, lines, broken, field_faults = _read_rows(file, body, order)
    faults += field_faults
    return faults + check_rows(file, table, lines, classes, names, numbered=numbered, broken=broken)


def _check_text(file: str, data: bytes) -> tuple[bytes, list[Fault]]:
    """Faults of the bytes, and the bytes mended so that the rest can be judged."""
    faults = []

    def add(field: str, found: str, expected: str, message: str, row: int | None = None) -> None:
        faults.append(Fault(file, row, field, found, expected, message))

    if data.startswith(_UTF16):
        add("encoding", "UTF-16", "UTF-8", "is UTF-16, not UTF-8", 1)
        data = data.decode("utf-16", errors="ignore").encode("utf-8")
    if data.startswith(_BOM):
        add("encoding", "byte order mark", "UTF-8 without a mark", "starts with a BOM", 1)
        data = data.removeprefix(_BOM)
    if b"\r" in data:
        count = data.count(b"\r")
        returns = f"{count} carriage return{'s' if count > 1 else ''}"
        add("line ends", f"{count} CR", "LF", f"has {returns}; end lines with LF")
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\x00" in data:
        row = data.count(b"\n", 0, data.index(b"\x00")) + 1
        add("encoding", "NUL bytes", "UTF-8 text", "holds NUL bytes", row)
        data = data.replace(b"\x00", b"")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        add("encoding", f"byte 0x{data[error.start]:02x}", "UTF-8", "is not UTF-8", row)
        data = data.decode("utf-8", errors="ignore").encode("utf-8")
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

    def fault(field: str, message: str, shown: str = text.replace("\t", " ")) -> list[Fault]:
        return [Fault(file, 1, field, shown, expected, message)]

    if not text.strip():
        return None, fault("header", "is empty")
    if found == columns:
        return found, []
    if len(found) == 1:
        return None, fault("separator", "the header has no TAB; separate fields by TAB")
    if found[0].endswith(".wav"):
        return None, fault("header", "starts with a row; the first line must name the columns")
    if sorted(found) == sorted(columns):
        at = next(i for i, name in enumerate(columns) if found[i] != name)
        message = f"column {at + 1} is '{found[at]}', not '{columns[at]}'"
        return found, fault("column order", message)
    missing = [name for name in columns if name not in found]
    extra = [name for name in found if name not in columns]
    parts = []
    if missing:
        parts.append("lacks " + ", ".join(f"'{name}'" for name in missing))
    if extra:
        parts.append("; ".join(f"unknown column '{show(n)}'{nearest(n, missing)}" for n in extra))
    if twice := next((name for name in columns if found.count(name) > 1), None):
        parts.append(f"names the column '{twice}' twice")
    return None, fault("header", "; ".join(parts), f"{len(found)} columns")


def _read_rows(
    file: str, body: bytes, columns: list[str]
) -> tuple[pd.DataFrame, np.ndarray, list[str], list[Fault]]:
    """The rows that can be read, their line numbers, the file names of the others, and faults."""
    if not body:
        return _parse(body, columns), np.arange(0), [], []
    if not body.endswith(b"\n"):
        body += b"\n"
    array = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(array == ord("\n")) + 1
    starts = np.concatenate(([0], ends[:-1]))
    lines = np.arange(2, len(ends) + 2)
    sizes = ends - starts
    long = sizes > MAX_ROW_BYTES
    # Summed row by row, so that a file of tabs alone takes no more memory than another; 16 bits
    # are enough for all but the long rows, and fast.
    fields = np.add.reduceat(array == ord("\t"), starts, dtype=np.uint16).astype(np.int64) + 1
    fields[long] = [body.count(b"\t", *span) + 1 for span in _spans(starts, ends, long)]
    wrong = fields != len(columns)
    faults = _field_faults(file, lines[wrong], fields[wrong], sizes[wrong], len(columns))
    large = sizes[long & ~wrong]
    faults += row_faults(
        file,
        lines[long & ~wrong],
        "row",
        f"at most {MAX_ROW_BYTES} bytes",
        lambda i: (
            f"{large[i]} bytes",
            f"holds {large[i]} bytes, at most {MAX_ROW_BYTES} are read",
        ),
    )
    bad = wrong | long
    if not bad.any():
        return _parse(body, columns), lines, [], faults
    heads = [
        body[start : min(end, start + _NAME_BYTES)] for start, end in _spans(starts, ends, bad)
    ]
    broken = [
        re.split(rb"[\t,; \n]", head, maxsplit=1)[0].decode("utf-8", "ignore") for head in heads
    ]
    body = b"".join(body[start:end] for start, end in _spans(starts, ends, ~bad))
    return _parse(body, columns), lines[~bad], broken, faults


def _spans(starts: np.ndarray, ends: np.ndarray, chosen: np.ndarray) -> Iterator[tuple[int, int]]:
    return zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True)


def _field_faults(
    file: str, lines: np.ndarray, counts: np.ndarray, sizes: np.ndarray, wanted: int
) -> list[Fault]:
    def tell(i: int) -> tuple[str, str]:
        if sizes[i] == 1:
            return "an empty line", "is an empty line"
        fields = f"{counts[i]} field{'s' if counts[i] > 1 else ''}"
        return fields, f"has {fields}, not {wanted}; separate fields by one TAB"

    return row_faults(file, lines, "fields", f"{wanted} fields", tell)


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
