"""An ensemble of a bank's teachers, kept as a teacher of its own."""

import datetime
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from dssd_tf.config_errors import describe_errors
from dssd_tf.errors import DataError
from dssd_tf.teachers.averaging import Average, normalised_weights
from dssd_tf.teachers.bank import TeacherBank
from dssd_tf.teachers.manifest import Origin, TeacherRecord
from dssd_tf.teachers.recordings import recordings_digest
from dssd_tf.teachers.writer import begin_teacher


def average_teachers(
    bank: Path | str,
    name: str,
    weights: Mapping[str, float],
    *,
    average: Average = "logits",
    overwrite: bool = False,
) -> TeacherRecord:
    """Store the weighted mean of some teachers' logits as a teacher.

    It counts as trained on all that any of them was trained on.

    Args:
        bank: The bank's folder.
        name: Of the new teacher.
        weights: Teacher → weight of 0 or more; they are divided by their sum.
        average: What is averaged, see `average_logits`.
        overwrite: Replace a teacher of the same name.

    Raises:
        DataError: The folder is no bank, a teacher is unknown or unfinished, they have other
            clips, the weights cannot be used, or the name is taken.
        DssdError: The bank cannot be written.
    """
    opened = TeacherBank.open(bank)
    records = [opened.record(member) for member in weights]
    if not records:
        raise DataError("no teachers are named", path=bank, fix="give --weights a=1,b=2")
    share = normalised_weights(list(weights.values()), len(weights))
    if name in weights:
        raise DataError(
            f"teacher {name!r} would be its own member", path=bank, fix="give another name"
        )
    clips = sorted({clip for member in weights for clip in opened.filenames(member)})
    logits = opened.logits(clips, weights=weights, average=average)
    recordings = {r for member in weights for r in opened.recordings(member)}
    members = dict(zip(weights, (float(value) for value in share), strict=True))
    text = json.dumps([sorted((r.name, r.identity, members[r.name]) for r in records), average])
    try:
        record = TeacherRecord(
            name=name,
            kind="average",
            source=f"{average} of {', '.join(f'{m} × {w:.3g}' for m, w in members.items())}",
            identity=hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
            members=members,
            average=average,
            origin=_origin(records, recordings),
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )
    except ValidationError as error:
        raise DataError(describe_errors(error, TeacherRecord), path=bank) from error
    listed = recordings if record.origin and record.origin.recordings is not None else None
    writer = begin_teacher(bank, record, opened.classes, listed, overwrite=overwrite)
    rows = {clip: row for row, clip in enumerate(clips)}
    missing = writer.missing(clips)
    writer.write(missing, logits[[rows[clip] for clip in missing]])
    return writer.finish()


def _origin(records: list[TeacherRecord], recordings: set[str]) -> Origin | None:
    origins = [record.origin for record in records]
    known = [origin for origin in origins if origin is not None]
    if not known:
        return None
    folds = {(o.fold, o.split) if o is not None else (None, None) for o in origins}
    fold, split = folds.pop() if len(folds) == 1 else (None, None)
    listed = any(origin.recordings is not None for origin in known)
    return Origin(
        fold=fold,
        split=split,
        recordings=len(recordings) if listed else None,
        digest=recordings_digest(recordings) if listed else None,
        complete=all(o is not None and o.recordings is not None and o.complete for o in origins),
    )
