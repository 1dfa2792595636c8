"""A package, or one output file, held against all rules of an edition."""

from collections.abc import Sequence
from pathlib import Path

from dssd_tf.challenge.edition import Edition, load_edition
from dssd_tf.challenge.fault import Fault
from dssd_tf.challenge.members import (
    MAX_MEMBER_BYTES,
    Member,
    UnreadableError,
    open_members,
    require_file,
)
from dssd_tf.challenge.validate_layout import PackageFiles, check_layout
from dssd_tf.challenge.validate_meta import check_meta
from dssd_tf.challenge.validate_output import check_output
from dssd_tf.challenge.validate_report import check_report
from dssd_tf.errors import PackageError
from dssd_tf.progress import track


def evaluation_files(edition: Edition) -> list[str]:
    """Base names of the official evaluation set: 0.wav and on."""
    return [f"{number}.wav" for number in range(edition.rows.value)]


def validate(
    path: Path | str,
    edition: Edition | int,
    *,
    classes: Sequence[str] | None = None,
    files: Sequence[str] | None = None,
) -> list[Fault]:
    """Every fault of a submission; an empty list for a good one.

    Checks what the organisers' validators check and what they miss: order of columns, sums, NaN
    and infinity, arg-max, missing splits, line ends, stray files, plausible numbers.

    Args:
        path: The package's zip, its unpacked folder (that holds the task's folder), or one
            output file (.csv), of which only the content is checked.
        edition: The edition or its year.
        classes: The classes, for other data than the challenge's; None for the edition's.
        files: Names of the evaluation files, for other data; None for the official set.

    Raises:
        PackageError: Nothing there, a file that is no zip archive, something that is neither file
            nor folder, or an unknown edition.
    """
    path = Path(path)
    edition = edition if isinstance(edition, Edition) else load_edition(edition)
    rows = _Rows(edition, classes, files)
    if path.suffix.lower() == ".csv" and not path.is_dir():
        return rows.check(path.name, _read_csv(path))
    with open_members(path) as members:
        if not members.whole:
            return members.faults
        found, faults = check_layout(members, edition)
        faults = members.faults + faults
        for member in track(_readable_members(found), "checking"):
            try:
                data = members.read(member)
            except UnreadableError as error:
                faults.append(Fault(member.name, None, "file", "", "a readable file", str(error)))
                continue
            faults += _check_member(member, data, found, rows, edition, classes)
    return faults


class _Rows:
    """What the rows of the output files must be."""

    def __init__(
        self, edition: Edition, classes: Sequence[str] | None, files: Sequence[str] | None
    ):
        self.classes = list(classes) if classes is not None else edition.classes.value
        self.numbered = files is None
        self.official = files is None and edition.is_official(classes)
        names = evaluation_files(edition) if files is None else files
        self.names = [str(name).rsplit("/", 1)[-1] for name in names]

    def check(self, file: str, data: bytes) -> list[Fault]:
        return check_output(file, data, self.classes, self.names, numbered=self.numbered)


def _readable_members(found: PackageFiles) -> list[Member]:
    members = list(found.reports)
    for system in found.systems:
        members += [system.meta] if system.meta is not None else []
        members += system.outputs.values()
    return [member for member in members if not member.refused]


def _check_member(
    member: Member,
    data: bytes,
    found: PackageFiles,
    rows: _Rows,
    edition: Edition,
    classes: Sequence[str] | None,
) -> list[Fault]:
    if member in found.reports:
        return check_report(member.name, data)
    for system in found.systems:
        if member == system.meta:
            return check_meta(
                member.name, data, system.labels, edition, classes, official=rows.official
            )
    return rows.check(member.name, data)


def _read_csv(path: Path) -> bytes:
    require_file(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_MEMBER_BYTES + 1)
    except OSError as error:
        raise PackageError(f"cannot be read ({error.strerror})", path=path) from error
    if len(data) > MAX_MEMBER_BYTES:
        raise PackageError(f"holds more than {MAX_MEMBER_BYTES} bytes", path=path)
    return data
