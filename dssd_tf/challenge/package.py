"""A submission as the zip archive that the challenge takes."""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from dssd_tf.challenge.edition import Edition
from dssd_tf.challenge.entry import Entry, SystemEntry
from dssd_tf.challenge.label import Label
from dssd_tf.challenge.meta import build_meta, format_meta
from dssd_tf.challenge.output import format_output
from dssd_tf.challenge.system_result import SystemResult
from dssd_tf.challenge.validate import evaluation_files
from dssd_tf.challenge.validate_output import check_output
from dssd_tf.challenge.validate_report import check_report
from dssd_tf.errors import PackageError
from dssd_tf.files import atomic_path
from dssd_tf.progress import track

# The earliest date a zip can hold: the same content then gives the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


def write_package(
    systems: Sequence[SystemResult],
    edition: Edition,
    entry: Entry,
    out_dir: Path | str,
    *,
    classes: Sequence[str] | None = None,
    files: Sequence[str] | None = None,
    report: Path | str | None = None,
) -> Path:
    """Write the package of one or more systems, atomically; the same input gives the same bytes.

    Limits are not held against the system here: see `check_budget` and `validate`.

    Args:
        systems: One result for each of the entry's systems, in its order.
        edition: The rules.
        entry: What only a person knows.
        out_dir: The folder for the archive; made where it is not there.
        classes: The classes, for other data than the challenge's; None for the edition's.
        files: Names of the evaluation files, for other data; None for the official set.
        report: A PDF that stands in where the entry names none.

    Returns:
        The archive's path: `<label>.zip`, or `<LastName>_<Institute>_<task>.zip` for several.

    Raises:
        PackageError: A training split, a required text, a measure or the report is missing; too
            many systems; predictions that are no probabilities or not those of the files.
    """
    _check_systems(systems, edition, entry)
    names = [
        Path(name).name for name in (files if files is not None else evaluation_files(edition))
    ]
    columns = list(classes) if classes is not None else edition.classes.value
    labels = [_label(edition, entry, system) for system in entry.systems]
    root = _root(edition, labels[0])
    members = [(f"{root}/{_report_name(edition, labels[0])}", _read_report(entry, report))]
    for label, system, result in zip(labels, entry.systems, systems, strict=True):
        folder = f"{root}/{label}"
        meta = format_meta(build_meta(edition, label, entry, system, result))
        members.append((f"{folder}/{edition.layout.meta.value.format(label=label)}", meta))
        for split in track(edition.outputs, f"writing {label}"):
            name = edition.layout.output.value.format(label=label, split=split)
            data = format_output(result.outputs[split], columns)
            _check_rows(name, data, columns, names, numbered=files is None)
            members.append((f"{folder}/{name}", data))
    stem = str(labels[0]) if len(labels) == 1 else f"{labels[0].team}_{labels[0].task}"
    target = Path(out_dir) / f"{stem}.zip"
    with atomic_path(target) as part:
        _write_zip(part, members)
    return target


def _check_systems(systems: Sequence[SystemResult], edition: Edition, entry: Entry) -> None:
    if len(systems) != len(entry.systems):
        raise PackageError(
            f"the entry describes {len(entry.systems)} systems, but {len(systems)} are given",
            fix="give the entry one item under 'systems' for each system",
        )
    most = edition.systems.value
    numbers = [system.number for system in entry.systems]
    if len(systems) > most or max(numbers) > most:
        raise PackageError(
            f"{edition.year} takes at most {most} systems, numbered 1 … {most}, found "
            f"{', '.join(map(str, numbers))}",
            fix=f"leave some out, or number them 1 … {most} in the entry",
        )
    for number, result in zip(numbers, systems, strict=True):
        _check_splits(number, result, edition)


def _check_splits(number: int, result: SystemResult, edition: Edition) -> None:
    missing = [split for split in edition.outputs if split not in result.outputs]
    unknown = [split for split in result.outputs if split not in edition.outputs]
    if missing and edition.splits.value:
        listed = ", ".join(map(str, missing))
        raise PackageError(
            f"{edition.year} ranks over the training splits {_list(edition.splits.value)}; system "
            f"{number} lacks {listed}",
            fix=f"train the recipe on the splits {listed} and give those runs too",
        )
    if missing or unknown:
        raise PackageError(
            f"system {number} has results of the splits {_list(result.outputs)}, which "
            f"{edition.year} does not have",
            fix="give one run for each system"
            if missing
            else f"give only the splits {_list(edition.splits.value)}",
        )


def _list(splits: Iterable[int | None]) -> str:
    return ", ".join(str(split) for split in splits) or "none"


def _label(edition: Edition, entry: Entry, system: SystemEntry) -> Label:
    return Label(entry.last_name, entry.institute, edition.task_label.value, system.number)


def _root(edition: Edition, label: Label) -> str:
    outer, root = edition.layout.outer, edition.layout.root.value
    return root if outer is None else f"{outer.value.format(team=label.team)}/{root}"


def _report_name(edition: Edition, label: Label) -> str:
    return edition.layout.report.value.format(team=label.team, task=label.task)


def _read_report(entry: Entry, stand_in: Path | str | None) -> bytes:
    path = entry.report if entry.report is not None else stand_in
    if path is None:
        raise PackageError(
            "the entry names no technical report", fix="set 'report' in the entry to a PDF file"
        )
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise PackageError(
            f"the technical report cannot be read ({error.strerror})",
            path=path,
            fix="set 'report' in the entry to a PDF file, or to null",
        ) from error
    if faults := check_report(str(path), data):
        raise PackageError(
            faults[0].message, path=path, fix="set 'report' in the entry to a whole PDF file"
        )
    return data


def _check_rows(
    name: str, data: bytes, classes: Sequence[str], names: Sequence[str], *, numbered: bool
) -> None:
    faults = check_output(name, data, classes, names, numbered=numbered)
    if faults:
        more = f" (and {len(faults) - 1} more faults)" if len(faults) > 1 else ""
        raise PackageError(
            f"the predictions do not make a valid {faults[0]}{more}",
            fix="give each evaluation file once, with the rows of one model only",
        )


def _write_zip(path: Path, members: Sequence[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in track(members, "packing"):
            info = zipfile.ZipInfo(name, date_time=_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            # The default level takes five times as long for a tenth of the bytes.
            archive.writestr(info, data, compresslevel=1)
