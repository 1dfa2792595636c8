"""Bringing logits made elsewhere into a bank."""

import datetime
import hashlib
import json
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from dssd_tf.config_errors import describe_errors
from dssd_tf.errors import DataError
from dssd_tf.progress import warn
from dssd_tf.teachers.logit_file import LogitFile, read_logit_file
from dssd_tf.teachers.manifest import Origin, TeacherRecord
from dssd_tf.teachers.recordings import recordings_digest
from dssd_tf.teachers.writer import begin_teacher

_CLIP = 1e-7
"""Least probability of which the logarithm is taken: about the step of float32 at 1."""
_SUM_TOLERANCE = 0.01
"""How far a sum of float16 probabilities may lie from 1."""


def import_logits(
    file: Path | str,
    bank: Path | str,
    name: str,
    classes: Sequence[str],
    *,
    names: Path | str | None = None,
    prefix: str = "",
    probabilities: bool = False,
    temperature: float = 1.0,
    fold: int | None = None,
    split: int | None = None,
    recordings: Collection[str] | None = None,
    overwrite: bool = False,
) -> TeacherRecord:
    """Read a file of logits and store it as a teacher, as float32.

    Args:
        file: See `read_logit_file`.
        bank: The bank's folder; made if it does not exist.
        name: The teacher's, unique in the bank.
        classes: In the order of the file's columns; a bank of another order is kept to.
        names: List of the clips of an `.npy` file.
        prefix: Put before each clip's name, e.g. ``audio/``.
        probabilities: The values are probabilities; their natural logarithm is stored, of 1e-7
            at least.
        temperature: The values were softened by: logits divided by it. Undone in what is stored.
        fold: The teacher was trained on fold{N}_train.csv.
        split: The teacher was trained on split{N}.csv.
        recordings: Those it was trained on, if they are known.
        overwrite: Replace a teacher of the same name.

    Raises:
        DataError: The file cannot be used, see `read_logit_file`; values are no probabilities;
            the classes are others than the bank's; or the name is taken.
        DssdError: The bank cannot be written.
    """
    file = Path(file)
    content = read_logit_file(file, classes, names)
    values = content.values
    if probabilities:
        values = np.log(np.clip(_require_probabilities(file, content), _CLIP, 1.0))
    elif _look_like_probabilities(values):
        warn(f"{file}: every row sums to 1: if these are probabilities, give --probabilities")
    clips = [f"{prefix}{clip}" for clip in content.names]
    try:
        origin = None
        if fold is not None or split is not None or recordings is not None:
            origin = Origin(
                fold=fold if split is None else None,
                split=split,
                recordings=None if recordings is None else len(set(recordings)),
                digest=None if recordings is None else recordings_digest(set(recordings)),
                complete=recordings is not None,
            )
        record = TeacherRecord(
            name=name,
            kind="import",
            source=f"file {file.name}",
            identity=_identity(clips, content, classes, probabilities, temperature, origin),
            values="probabilities" if probabilities else "logits",
            temperature=temperature,
            origin=origin,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )
    except ValidationError as error:
        raise DataError(describe_errors(error, TeacherRecord), path=bank) from error
    writer = begin_teacher(
        bank, record, classes, None if recordings is None else set(recordings), overwrite=overwrite
    )
    rows = {clip: row for row, clip in enumerate(clips)}
    missing = writer.missing(clips)
    writer.write(missing, values[[rows[clip] for clip in missing]] * temperature)
    return writer.finish()


def _require_probabilities(file: Path, content: LogitFile) -> NDArray[np.float64]:
    values = content.values
    off = (values < 0).any(axis=1) | (values > 1 + _SUM_TOLERANCE).any(axis=1)
    off |= np.abs(values.sum(axis=1) - 1) > _SUM_TOLERANCE
    if off.any():
        row = int(np.flatnonzero(off)[0])
        raise DataError(
            f"the values of {content.names[row]} are no probabilities: they lie in "
            f"[{values[row].min():.3g}, {values[row].max():.3g}] and sum to "
            f"{values[row].sum():.3g} ({int(off.sum())} such clips)",
            path=file,
            fix="leave --probabilities out if they are logits",
        )
    return values


def _look_like_probabilities(values: NDArray[np.float64]) -> bool:
    return bool((values >= 0).all() and np.allclose(values.sum(axis=1), 1, atol=_SUM_TOLERANCE))


def _identity(
    clips: Sequence[str],
    content: LogitFile,
    classes: Sequence[str],
    probabilities: bool,
    temperature: float,
    origin: Origin | None,
) -> str:
    said = origin.model_dump(mode="json") if origin is not None else None
    text = json.dumps([clips, list(classes), probabilities, temperature, said])
    digest = hashlib.blake2b(text.encode(), digest_size=16)
    digest.update(np.ascontiguousarray(content.values).tobytes())
    return digest.hexdigest()
