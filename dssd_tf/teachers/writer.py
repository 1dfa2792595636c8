"""Writing a teacher's logits into a bank: shard by shard, going on after a kill."""

import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import DataError
from dssd_tf.files import remove_leftovers
from dssd_tf.progress import say
from dssd_tf.teachers.class_order import class_order
from dssd_tf.teachers.manifest import (
    MANIFEST_FILE,
    BankManifest,
    TeacherRecord,
    locked,
    read_manifest,
    write_manifest,
)
from dssd_tf.teachers.recordings import write_recordings
from dssd_tf.teachers.shard import SHARD_CLIPS, read_shard, shard_files, write_shard

_DEAD_SECONDS = 3600.0
_TELLING = ("identity", "system", "dtype")
"""What must agree for a teacher to be gone on with."""


class TeacherWriter:
    """A teacher that is being written; see `begin_teacher`.

    Args:
        bank: The bank's folder.
        record: The teacher.
        order: For each class of the bank its column in what is written.
        stored: Clips that are there already.
    """

    def __init__(self, bank: Path, record: TeacherRecord, order: list[int], stored: set[str]):
        self.bank, self.record, self.stored = bank, record, stored
        self.folder = bank / record.name
        self._order = order

    def missing(self, filenames: Sequence[str]) -> list[str]:
        """Those of the clips that have no logits yet, in their order."""
        return [name for name in filenames if name not in self.stored]

    def write(self, filenames: Sequence[str], logits: NDArray[np.floating]) -> None:
        """Add the logits of some clips, (clips, classes), in the teacher's order of classes.

        Raises:
            DataError: A value is not finite, or the shape is not that of the clips and classes.
            DssdError: They cannot be written.
        """
        if logits.shape != (len(filenames), len(self._order)):
            raise DataError(
                f"has logits {logits.shape}, expected ({len(filenames)}, {len(self._order)}) "
                "(clips, classes)",
                path=self.folder,
            )
        for start in range(0, len(filenames), SHARD_CLIPS):
            part = slice(start, start + SHARD_CLIPS)
            values = logits[part][:, self._order]
            write_shard(self.folder, filenames[part], values, self.record.dtype)
            self.stored.update(filenames[part])

    def finish(self) -> TeacherRecord:
        """Note that the teacher is whole; gives what the manifest then says of it.

        Raises:
            DataError: The teacher was replaced meanwhile, or has no clips.
            DssdError: The manifest cannot be written.
        """
        if not self.stored:
            raise DataError("has no clips", path=self.folder)
        with locked(self.bank):
            manifest = read_manifest(self.bank)
            found = manifest.find(self.record.name)
            if found is None or _differing(found, self.record):
                raise DataError(
                    f"teacher {self.record.name!r} was replaced while it was written",
                    path=self.bank,
                    fix="run the same command again under another name",
                )
            # Another writer of the same teacher may have added clips.
            stored = self.stored | _stored(self.folder, len(manifest.classes))
            record = found.model_copy(update={"clips": len(stored), "finished": True})
            write_manifest(self.bank, manifest.replaced(record))
        self.record = record
        return record


def begin_teacher(
    bank: Path | str,
    record: TeacherRecord,
    classes: Sequence[str],
    recordings: Collection[str] | None = None,
    *,
    overwrite: bool = False,
) -> TeacherWriter:
    """Open a teacher for writing: a new one, or one that was begun with the same identity.

    A bank that does not exist yet is made, with the teacher's order of classes; a teacher of
    another order is reordered by name.

    Args:
        bank: The bank's folder.
        record: The teacher; its number of clips and whether it is finished do not count.
        classes: In the order of the teacher's outputs.
        recordings: Those it was trained on, as `record.origin` counts them.
        overwrite: Remove a teacher of the same name first.

    Raises:
        DataError: The folder holds something else, the classes are others than the bank's, the
            name is taken by another teacher, or a stored shard is damaged.
        DssdError: The bank cannot be written.
    """
    bank = Path(bank)
    _require_bank_or_empty(bank)
    with locked(bank):
        if (bank / MANIFEST_FILE).is_file():
            manifest = read_manifest(bank)
        else:
            class_order(classes, classes, bank)
            manifest = BankManifest(classes=tuple(classes))
        order = class_order(classes, manifest.classes, bank, whose=f"teacher {record.name!r}")
        old = manifest.find(record.name)
        if overwrite and old is not None:
            manifest, old = manifest.without(record.name), None
            write_manifest(bank, manifest)
        if old is None:
            # Not in the manifest: what an overwritten or a removed teacher left.
            shutil.rmtree(bank / record.name, ignore_errors=True)
            record = record.model_copy(update={"clips": 0, "finished": False})
            if recordings is not None:
                write_recordings(bank / record.name, recordings)
            write_manifest(bank, manifest.replaced(record))
        elif differing := _differing(old, record):
            raise DataError(
                f"has another teacher {record.name!r} already, from {old.source} ({differing})",
                path=bank,
                fix="give another name, or replace it with --overwrite",
            )
        else:
            record = old
    if tuple(classes) != manifest.classes:
        say(f"{bank}: {record.name} is put in the bank's order {', '.join(manifest.classes)}")
    folder = bank / record.name
    if folder.is_dir():
        remove_leftovers(folder, unused_seconds=_DEAD_SECONDS)
    return TeacherWriter(bank, record, order, _stored(folder, len(manifest.classes)))


def _differing(one: TeacherRecord, other: TeacherRecord) -> str:
    pairs: list[tuple[str, Any, Any]] = [(k, getattr(one, k), getattr(other, k)) for k in _TELLING]
    return ", ".join(f"{key} {a}, not {b}" for key, a, b in pairs if a != b)


def _stored(folder: Path, classes: int) -> set[str]:
    return {name for path in shard_files(folder) for name in read_shard(path, classes)[0]}


def _require_bank_or_empty(bank: Path) -> None:
    if bank.exists() and not bank.is_dir():
        raise DataError("is a file, not a teacher bank", path=bank, fix="choose another folder")
    held = {path.name for path in bank.iterdir()} - {".lock"} if bank.is_dir() else set()
    # The manifest itself may be on its way: another writer's temporary folder begins with a dot.
    if MANIFEST_FILE not in held and any(not name.startswith(".") for name in held):
        raise DataError(
            "holds other things and is not a teacher bank",
            path=bank,
            fix="choose an empty or a new folder",
        )
