"""Logits made elsewhere, as files: `.npz`, `.npy` with a list of names, tables, PyTorch."""

import csv
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.errors import DataError

_NAMES = ("names", "filenames", "filename")
_VALUES = ("logits", "probabilities")


@dataclass(frozen=True)
class LogitFile:
    """The content of a file: clips, and finite values (clips, classes) as they are there."""

    names: list[str]
    values: NDArray[np.float64]


def read_logit_file(
    path: Path | str, classes: Sequence[str], names: Path | str | None = None
) -> LogitFile:
    """Read a file of logits or probabilities, in the order of `classes`.

    - `.npz`: arrays ``names`` (or ``filenames``) (clips,) and ``logits`` (or ``probabilities``)
      (clips, classes);
    - `.npy`: (clips, classes), the names by `names`: a text file with one a line, or `.npy`;
    - `.csv`, `.tsv`: a header with ``filename`` and a column a class, in any order; other columns
      are left alone; separated by TAB where the header has one, else by comma;
    - `.pt`, `.pth`: name → tensor (classes,), or ``{"names": [...], "logits": tensor}``; needs
      PyTorch, which reads tensors only.

    Args:
        path: The file.
        classes: Names of the columns; of a table they choose and order them.
        names: The names of an `.npy` file's rows.

    Raises:
        DataError: The file is missing, damaged or of another form, a column is missing, a clip is
            named twice, or a value is not a finite number; the message names what it concerns.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("no such file of logits", path=path)
    if names is not None and path.suffix != ".npy":
        raise DataError("--names is for .npy files", path=path, fix="leave --names out")
    if path.suffix == ".npz":
        found, values = _read_npz(path)
    elif path.suffix == ".npy":
        found, values = _read_npy(path, names)
    elif path.suffix in {".csv", ".tsv"}:
        found, values = _read_table(path, classes)
    elif path.suffix in {".pt", ".pth"}:
        found, values = _read_torch(path)
    else:
        raise DataError(
            f"unknown kind of file {path.suffix!r}",
            path=path,
            fix="give .npz, .npy, .csv, .tsv or .pt",
        )
    return LogitFile(*_checked(path, found, values, classes))


def _read_npz(path: Path) -> tuple[Any, Any]:
    archive = _load(path)
    if not isinstance(archive, Mapping):
        raise DataError("is a single array, not an archive", path=path, fix="name it .npy")
    return _pick(path, archive, _NAMES), _pick(path, archive, _VALUES)


def _read_npy(path: Path, names: Path | str | None) -> tuple[Any, Any]:
    if names is None:
        raise DataError("holds no names of clips", path=path, fix="give their list with --names")
    names = Path(names)
    if names.suffix == ".npy":
        return _load(names), _load(path)
    try:
        lines = names.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read ({error})", path=names) from error
    return [line.strip() for line in lines if line.strip()], _load(path)


def _read_table(path: Path, classes: Sequence[str]) -> tuple[Any, Any]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
        separator = "\t" if "\t" in first else ","
        header = [cell.strip() for cell in next(csv.reader([first], delimiter=separator), [])]
        table = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"cannot be read ({str(error).strip()})", path=path) from error
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise DataError(f"has the column {twice[0]!r} twice", path=path)
    if not isinstance(table.index, pd.RangeIndex):
        raise DataError(f"rows have more cells than the header, {len(header)}", path=path)
    missing = [name for name in ("filename", *classes) if name not in header]
    if missing:
        raise DataError(
            f"lacks the column {missing[0]!r}, has {', '.join(header)}",
            path=path,
            fix="the header needs filename and every class of --classes",
        )
    table.columns = pd.Index(header)
    numbers = table[list(classes)].apply(pd.to_numeric, errors="coerce")
    return table["filename"].tolist(), numbers.to_numpy(dtype=np.float64)


def _read_torch(path: Path) -> tuple[Any, Any]:
    try:
        import torch
    except ImportError as error:
        raise DataError(
            f"a {path.suffix} file is read by PyTorch, which is not installed",
            path=path,
            fix="install torch, or save names and logits as .npz",
        ) from error
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # PyTorch raises what pickle, zip or its own reader raise.
        reason = (str(error).strip().splitlines() or [repr(error)])[0]
        raise DataError(f"cannot be read as tensors alone ({reason})", path=path) from error
    if not isinstance(content, Mapping) or not content:
        raise DataError(
            f"holds {type(content).__name__}, expected name → tensor, or names and logits",
            path=path,
        )
    if any(key in content for key in _VALUES):
        values = _pick(path, content, _VALUES)
        found = list(_pick(path, content, _NAMES))
        rows = [values] if torch.is_tensor(values) else values
    else:
        found, rows = list(content), list(content.values())
        values = None
    if not all(torch.is_tensor(row) for row in rows):
        raise DataError("holds values that are no tensors", path=path)
    arrays = [row.detach().float().numpy() for row in rows]
    if values is not None and torch.is_tensor(values):
        return found, arrays[0]
    # A teacher run on a batch of one leaves (1, classes).
    flat = [array.reshape(-1) for array in arrays]
    uneven = [name for name, array in zip(found, flat, strict=False) if array.size != flat[0].size]
    if uneven:
        raise DataError(f"has another number of values for {uneven[0]}", path=path)
    return found, np.stack(flat)


def _load(path: Path) -> Any:
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        with loaded as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"is not a readable array file ({error})", path=path) from error


def _pick(path: Path, content: Mapping[str, Any], keys: Sequence[str]) -> Any:
    for key in keys:
        if key in content:
            return content[key]
    raise DataError(
        f"has no {keys[0]!r}, has {', '.join(map(str, list(content)[:6]))}",
        path=path,
        fix="save the clips as 'names' and their values as 'logits'",
    )


def _checked(
    path: Path, names: Any, values: Any, classes: Sequence[str]
) -> tuple[list[str], NDArray[np.float64]]:
    names, values = np.asarray(names), np.asarray(values)
    if names.dtype.kind not in "US" or names.ndim != 1 or not names.size:
        raise DataError(
            f"has names of type {names.dtype} and shape {names.shape}, expected texts (clips,)",
            path=path,
        )
    texts = [n.decode() if isinstance(n, bytes) else str(n) for n in names.tolist()]
    if values.dtype.kind not in "fiu" or values.shape != (len(texts), len(classes)):
        raise DataError(
            f"has values {values.dtype} {values.shape} for {len(texts)} clips, expected numbers "
            f"({len(texts)}, {len(classes)}) (clips, classes)",
            path=path,
            fix="name one class a column with --classes",
        )
    seen: set[str] = set()
    for name in texts:
        if not name or name in seen:
            problem = f"names {name} twice" if name else "has a clip without a name"
            raise DataError(problem, path=path)
        seen.add(name)
    with np.errstate(over="ignore"):
        finite = np.isfinite(values.astype(np.float32))
    broken = np.flatnonzero(~finite.all(axis=1))
    if len(broken):
        column = int(np.flatnonzero(~finite[broken[0]])[0])
        raise DataError(
            f"the value of {texts[broken[0]]} for class {classes[column]!r} is NaN, infinite or "
            f"no number ({len(broken)} such clips)",
            path=path,
        )
    return texts, values.astype(np.float64)
