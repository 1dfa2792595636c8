"""Every fault of a bank: damaged files, and teachers that do not serve a fold."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import DataError
from dssd_tf.teachers.class_order import class_order
from dssd_tf.teachers.leak import doubt_of, leak_of
from dssd_tf.teachers.manifest import BankManifest, TeacherRecord, read_manifest
from dssd_tf.teachers.recordings import read_recordings
from dssd_tf.teachers.shard import read_shard, shard_files


@dataclass(frozen=True)
class BankFault:
    """What is wrong with one file or folder; a `doubt` is nothing wrong, but cannot be checked."""

    path: Path
    problem: str
    doubt: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {'not checked: ' if self.doubt else ''}{self.problem}"


@dataclass(frozen=True)
class Student:
    """What a student needs of its teachers.

    Args:
        classes: Its classes, in any order.
        train_names: The clips it is trained on.
        test_recordings: The recordings it is tested on.
        fold: Its fold.
        split: Its split, which then counts instead of the fold.
    """

    classes: Sequence[str]
    train_names: Sequence[str]
    test_recordings: Collection[str]
    fold: int | None = None
    split: int | None = None


def verify_bank(folder: Path | str, student: Student | None = None) -> Iterator[BankFault]:
    """Yield every fault, and with a student also every doubt.

    Checked are that every shard can be read, has the shape of the bank and finite values, that
    all clips that were written are there, and none twice with other values, the lists of
    recordings, teachers that were not finished, and folders that no teacher has; with a student
    its classes, its clips, and leaks.

    Raises:
        DataError: The folder is no bank, or its manifest is damaged.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    if student is not None:
        try:
            class_order(manifest.classes, student.classes, folder, whose="the bank")
        except DataError as error:
            yield BankFault(folder, error.problem)
    for record in manifest.teachers:
        yield from _teacher_faults(folder, manifest, record, student)
    known = {record.name for record in manifest.teachers}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in known and not path.name.startswith("."):
            yield BankFault(path, "is the folder of no teacher of the manifest")


def _teacher_faults(
    bank: Path, manifest: BankManifest, record: TeacherRecord, student: Student | None
) -> Iterator[BankFault]:
    folder = bank / record.name
    clips: dict[str, NDArray[np.float32]] = {}
    for path in shard_files(folder):
        try:
            names, logits = read_shard(path, len(manifest.classes))
        except DataError as error:
            yield BankFault(path, error.problem)
            continue
        twice = [n for n, row in zip(names, logits, strict=True) if _differs(clips.get(n), row)]
        if twice:
            yield BankFault(path, f"has other logits of {twice[0]} than another shard")
        clips |= zip(names, logits, strict=True)
    if not record.finished:
        yield BankFault(folder, f"is unfinished: {len(clips)} clips so far")
        return
    if len(clips) < record.clips:
        yield BankFault(
            folder, f"holds logits of {len(clips)} readable clips, {record.clips} were written"
        )
    recordings: frozenset[str] = frozenset()
    if record.origin is not None and record.origin.recordings is not None:
        try:
            recordings = read_recordings(folder, record.origin.digest)
        except DataError as error:
            yield BankFault(Path(error.path or folder), error.problem)
    if student is None:
        return
    missing = [name for name in student.train_names if name not in clips]
    if missing:
        yield BankFault(
            folder,
            f"has no logits of {missing[0]} "
            f"({len(missing)} of {len(student.train_names)} clips are missing)",
        )
    leak = leak_of(record, recordings, student.test_recordings)
    if leak is not None:
        yield BankFault(folder, leak)
    doubt = doubt_of(record, student.fold, student.split)
    if doubt is not None:
        yield BankFault(folder, doubt, doubt=True)


def _differs(one: NDArray[np.float32] | None, other: NDArray[np.float32]) -> bool:
    return one is not None and not np.array_equal(one, other)
