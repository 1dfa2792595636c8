"""`manifest.json` of a bank: its classes, and what is known of each teacher."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from dssd_tf.config import Config
from dssd_tf.config_errors import describe_errors, nearest
from dssd_tf.errors import DataError, DssdError
from dssd_tf.files import read_json, write_json
from dssd_tf.teachers.averaging import Average
from dssd_tf.version import __version__

MANIFEST_FILE = "manifest.json"

_FORMAT: Literal[1] = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Origin(Config):
    """What a teacher was trained on; the recordings themselves lie in `recordings.json`."""

    fold: int | None = Field(None, ge=1, description="fold{N}_train.csv")
    split: int | None = Field(None, ge=1, le=100, description="split{N}.csv")
    recordings: int | None = Field(None, ge=0, description="how many are listed; null: not known")
    digest: str | None = Field(None, description="of the list of recordings")
    complete: bool = Field(
        True, description="false: a member of an average may have been trained on more"
    )


class TeacherRecord(Config):
    """What is known of one teacher beside its logits."""

    name: str = Field(description="unique in the bank, names the folder")
    kind: Literal["run", "preset", "model", "import", "average"]
    source: str = Field(description="where it comes from, for people")
    identity: str = Field(description="digest of the weights and of how they were run")
    system: Literal["float", "float16", "int8"] | None = Field(None, description="null: not known")
    values: Literal["logits", "probabilities"] = Field(
        "logits", description="what the source gave; probabilities were turned into logits"
    )
    temperature: float = Field(1.0, gt=0, description="of the source, undone in what is stored")
    dtype: Literal["float32", "float16"] = "float32"
    members: dict[str, float] = Field(default_factory=dict, description="weights of an average")
    average: Average | None = Field(None, description="what an average averaged")
    origin: Origin | None = Field(None, description="null: not known")
    clips: int = Field(0, ge=0)
    finished: bool = False
    created: str = Field(description="ISO 8601, UTC")
    package_version: str = __version__

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("may hold letters, digits, '.', '_' and '-' only, up to 100")
        return name


class BankManifest(Config):
    """A bank's classes and teachers."""

    format_version: Literal[1] = _FORMAT
    package_version: str = __version__
    classes: tuple[str, ...] = Field(min_length=2, description="in the order of the columns")
    teachers: tuple[TeacherRecord, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> "BankManifest":
        for what, names in (
            ("classes", self.classes),
            ("teachers", tuple(teacher.name for teacher in self.teachers)),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} named twice: {', '.join(twice)}")
        return self

    def find(self, name: str) -> TeacherRecord | None:
        """The teacher of that name, or None."""
        return next((teacher for teacher in self.teachers if teacher.name == name), None)

    def without(self, name: str) -> "BankManifest":
        """The same without a teacher."""
        rest = tuple(teacher for teacher in self.teachers if teacher.name != name)
        return self.model_copy(update={"teachers": rest})

    def replaced(self, record: TeacherRecord) -> "BankManifest":
        """The same with a teacher's record in the place of its old one, or at the end."""
        if self.find(record.name) is None:
            return self.model_copy(update={"teachers": (*self.teachers, record)})
        teachers = tuple(record if t.name == record.name else t for t in self.teachers)
        return self.model_copy(update={"teachers": teachers})


def require_teacher(manifest: BankManifest, name: str, folder: Path) -> TeacherRecord:
    """The finished teacher of that name.

    Raises:
        DataError: There is none, or it is not finished.
    """
    record = manifest.find(name)
    if record is None:
        names = [teacher.name for teacher in manifest.teachers]
        raise DataError(
            f"has no teacher {name!r}{nearest(name, names)} It has {', '.join(names) or 'none'}",
            path=folder,
            fix=f"see `dssd bank ls {folder}`",
        )
    if not record.finished:
        raise DataError(
            f"teacher {name!r} is unfinished",
            path=folder,
            fix="run the command that began it again: it goes on where it stopped",
        )
    return record


def read_manifest(folder: Path | str) -> BankManifest:
    """Read a bank's `manifest.json`.

    Raises:
        DataError: The folder is no bank, of a newer format, or its manifest is damaged.
    """
    path = Path(folder) / MANIFEST_FILE
    if not path.is_file():
        raise DataError(
            f"is not a teacher bank (no {MANIFEST_FILE})",
            path=folder,
            fix="make one with `dssd teach RUN --out DIR` or `dssd bank import`",
        )
    try:
        values = read_json(path)
    except DssdError as error:
        raise DataError(error.problem, path=path) from error
    written = values.get("format_version") if isinstance(values, dict) else None
    if isinstance(written, int) and written > _FORMAT:
        raise DataError(
            f"has format_version {written}, this version reads {_FORMAT}",
            path=path,
            fix=f"use dssd_tf {values.get('package_version', 'of a later version')} or later",
        )
    try:
        return BankManifest.model_validate(values)
    except ValidationError as error:
        raise DataError(describe_errors(error, BankManifest), path=path) from error


def write_manifest(folder: Path, manifest: BankManifest) -> None:
    """Write a bank's `manifest.json` atomically.

    Raises:
        DssdError: It cannot be written.
    """
    write_json(folder / MANIFEST_FILE, manifest.model_dump(mode="json"))


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other writers from the manifest meanwhile, so that none undoes another's change.

    Raises:
        DssdError: The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("a")
    except OSError as error:
        raise DssdError(f"cannot be written ({error.strerror})", path=folder) from error
    with file:
        # Neither every system nor every network's disk has such locks; there, one writer at a time.
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
