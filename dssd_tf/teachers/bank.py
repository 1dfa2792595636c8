"""Reading a bank: the logits of chosen teachers on chosen clips."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import DataError
from dssd_tf.progress import say, warn
from dssd_tf.teachers.averaging import Average, average_logits
from dssd_tf.teachers.class_order import class_order
from dssd_tf.teachers.leak import doubt_of, leak_of
from dssd_tf.teachers.manifest import (
    BankManifest,
    TeacherRecord,
    read_manifest,
    require_teacher,
)
from dssd_tf.teachers.recordings import read_recordings
from dssd_tf.teachers.shard import read_shard, shard_files

_Clips = tuple[dict[str, int], NDArray[np.float32]]


class TeacherBank:
    """The finished teachers of a bank; logits are read when they are first asked for.

    Args:
        folder: The bank's folder.
        manifest: Its content.
    """

    def __init__(self, folder: Path, manifest: BankManifest):
        self.folder, self.manifest = folder, manifest
        self.classes: tuple[str, ...] = manifest.classes
        """In the order of the last axis of all logits."""
        self._order: list[int] | None = None
        self._loaded: dict[str, _Clips] = {}

    @classmethod
    def open(cls, folder: Path | str) -> "TeacherBank":
        """The bank in `folder`.

        Raises:
            DataError: The folder is no bank, of a newer format, or its manifest is damaged.
        """
        return cls(Path(folder), read_manifest(folder))

    @property
    def teachers(self) -> tuple[str, ...]:
        """Names of the finished teachers, in the order in which they were begun."""
        return tuple(t.name for t in self.manifest.teachers if t.finished)

    def record(self, teacher: str) -> TeacherRecord:
        """What is known of a teacher.

        Raises:
            DataError: There is none of that name, or it is not finished.
        """
        return require_teacher(self.manifest, teacher, self.folder)

    def filenames(self, teacher: str) -> list[str]:
        """The clips that a teacher has logits of.

        Raises:
            DataError: See `record`; or a shard is damaged.
        """
        return list(self._clips(teacher)[0])

    def recordings(self, teacher: str) -> frozenset[str]:
        """The recordings a teacher is known to be trained on; none where nothing is known.

        Raises:
            DataError: See `record`; or the list is damaged.
        """
        origin = self.record(teacher).origin
        if origin is None or origin.recordings is None:
            return frozenset()
        return read_recordings(self.folder / teacher, origin.digest)

    def with_classes(self, classes: Sequence[str]) -> "TeacherBank":
        """The same bank with its logits in the order of `classes`; another order is told.

        Raises:
            DataError: The classes are others; the message names them.
        """
        order = class_order(self.manifest.classes, classes, self.folder, whose="the bank")
        bank = TeacherBank(self.folder, self.manifest)
        bank._loaded = self._loaded
        if tuple(classes) != self.manifest.classes:
            say(f"{self.folder}: logits are put in the order {', '.join(classes)}")
            bank.classes, bank._order = tuple(classes), order
        return bank

    def stacked(
        self, filenames: Sequence[str], teachers: Sequence[str] | None = None
    ) -> NDArray[np.float32]:
        """Logits of every teacher, (clips, teachers, classes).

        Args:
            filenames: The clips, relative to the dataset, in any order, also repeated.
            teachers: Names, in the order of the second axis; None: all.

        Raises:
            DataError: A teacher is unknown or unfinished or lacks clips, or a shard is damaged.
        """
        names = self._chosen(teachers)
        shape = (len(filenames), len(names), len(self.classes))
        stacked = np.empty(shape, dtype=np.float32)
        for index, name in enumerate(names):
            rows, logits = self._clips(name)
            self._require_clips(name, rows, filenames)
            found = logits[np.array([rows[f] for f in filenames], dtype=np.int64)]
            stacked[:, index] = found if self._order is None else found[:, self._order]
        return stacked

    def logits(
        self,
        filenames: Sequence[str],
        teachers: Sequence[str] | None = None,
        weights: Mapping[str, float] | Sequence[float] | None = None,
        average: Average = "logits",
    ) -> NDArray[np.float32]:
        """Logits of the teachers' ensemble, (clips, classes).

        Args:
            filenames: The clips, relative to the dataset, in any order, also repeated.
            teachers: Names; None: those of `weights` if it names them, else all.
            weights: By name, or in the order of the teachers; they are divided by their sum; None
                for equal ones.
            average: What is averaged, see `average_logits`.

        Raises:
            DataError: See `stacked`; or the weights are not one a teacher, negative or all zero.
        """
        if isinstance(weights, Mapping):
            teachers = list(weights) if teachers is None else list(teachers)
            if set(teachers) != set(weights):
                raise DataError(
                    f"weights are given for {', '.join(weights)}, but the teachers are "
                    f"{', '.join(teachers)}",
                    path=self.folder,
                )
            weights = [weights[name] for name in teachers]
        return average_logits(self.stacked(filenames, teachers), weights, average)

    def check(
        self,
        classes: Sequence[str],
        train_names: Sequence[str],
        test_recordings: Collection[str],
        *,
        teachers: Sequence[str] | None = None,
        fold: int | None = None,
        split: int | None = None,
        strict: bool = False,
        allow_leak: bool = False,
    ) -> "TeacherBank":
        """Refuse a bank that does not serve a student; gives it in the order of its classes.

        Args:
            classes: The student's, in the order of its outputs.
            train_names: Clips that it is trained on.
            test_recordings: Recordings that it is tested on, as `Dataset.test["recording"]`.
            teachers: Those that are used; None: all.
            fold: The student's fold, by which a teacher of unknown recordings is judged.
            split: The student's split, which then counts instead of the fold.
            strict: Refuse a teacher of unknown origin, of which a warning is given otherwise.
            allow_leak: Only warn of a teacher that was trained on `test_recordings`.

        Raises:
            DataError: The classes are others, a teacher lacks a clip, was trained on recordings
                of the test, or with `strict` cannot be checked for that; see also `stacked`.
        """
        bank = self.with_classes(classes)
        for name in self._chosen(teachers):
            self._require_clips(name, self._clips(name)[0], train_names)
            record = self.record(name)
            leak = leak_of(record, self.recordings(name), test_recordings)
            if leak is not None and not allow_leak:
                fix = "use a teacher that was trained on the student's training list"
                raise DataError(leak, path=self.folder, fix=fix)
            doubt = doubt_of(record, fold, split)
            if doubt is not None and strict:
                fix = "make or import it again with --fold or --split and --data"
                raise DataError(doubt, path=self.folder, fix=fix)
            for text in (leak, doubt):
                if text is not None:
                    warn(f"{self.folder}: {text}")
        return bank

    def _chosen(self, teachers: Sequence[str] | None) -> Sequence[str]:
        names = self.teachers if teachers is None else teachers
        if not names:
            raise DataError(
                "has no finished teacher", path=self.folder, fix="make one with `dssd teach`"
            )
        return names

    def _require_clips(self, name: str, rows: Collection[str], filenames: Sequence[str]) -> None:
        missing = [filename for filename in filenames if filename not in rows]
        if missing:
            raise DataError(
                f"teacher {name!r} has no logits of {missing[0]} "
                f"({len(missing)} of {len(filenames)} clips are missing)",
                path=self.folder,
                fix="run `dssd teach` on these clips, or import logits of all of them",
            )

    def _clips(self, name: str) -> _Clips:
        if name not in self._loaded:
            record = self.record(name)
            rows: dict[str, int] = {}
            parts = [np.empty((0, len(self.manifest.classes)), dtype=np.float32)]
            start = 0
            for path in shard_files(self.folder / name):
                names, logits = read_shard(path, len(self.manifest.classes))
                rows |= {clip: start + row for row, clip in enumerate(names)}
                start += len(names)
                parts.append(logits)
            if len(rows) < record.clips:
                raise DataError(
                    f"holds logits of {len(rows)} clips, {record.clips} were written",
                    path=self.folder / name,
                    fix="run the command that made the teacher again: it writes what is missing",
                )
            self._loaded[name] = rows, np.concatenate(parts)
        return self._loaded[name]
