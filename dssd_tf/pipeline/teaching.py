"""Running teachers over clips, into a bank."""

import datetime
import hashlib
import json
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import ValidationError

from dssd_tf.config_errors import describe_errors
from dssd_tf.data import DataConfig, Dataset, prepare_features, read_dataset
from dssd_tf.data.cache.clip_file import file_digest
from dssd_tf.errors import DataError
from dssd_tf.evaluation import KerasPredictor, Predictor, open_predictor
from dssd_tf.pipeline.teacher_source import Teacher
from dssd_tf.presets.config import make_preset_config
from dssd_tf.presets.fit import require_fit, require_input, require_outputs
from dssd_tf.progress import bar, warn
from dssd_tf.systems import system_of
from dssd_tf.teachers import Origin, TeacherRecord, begin_teacher
from dssd_tf.teachers.recordings import recordings_digest
from dssd_tf.teachers.shard import SHARD_CLIPS

_BATCH = 64


def teach(
    teacher: Teacher,
    bank: Path | str,
    name: str,
    *,
    clips: Literal["train", "all"] = "train",
    dtype: Literal["float32", "float16"] = "float32",
    overwrite: bool = False,
) -> TeacherRecord:
    """Store a teacher's logits on clean features; clips that the bank has already are left out.

    Args:
        teacher: See `open_teacher`.
        bank: The bank's folder; made if it does not exist.
        name: Of the teacher in the bank.
        clips: ``train``: the fold's whole training list, held-out clips too; ``all``: those of
            the test list besides.
        dtype: Of the stored logits.
        overwrite: Replace a teacher of the same name.

    Raises:
        DataError: The data cannot be read, the name is taken by another teacher, or the classes
            are others than the bank's.
        ModelError: The model cannot be read, does not fit features and classes, or ends in an
            activation; the bank is then left as it was.
        DssdError: The bank or the cache cannot be written.
    """
    dataset = _read(teacher.clips)
    trained = None
    if teacher.trained_on is not None:
        same = teacher.trained_on == teacher.clips
        trained = dataset if same else _read(teacher.trained_on)
    classes = teacher.classes or dataset.classes
    names = _training_list(dataset) if clips == "train" else dataset.filenames
    recordings = None if trained is None else _recordings(trained)
    record = _record(teacher, name, classes, recordings, dtype)
    if recordings is None:
        warn(f"{name}: what it was trained on is not known, so no leak can be found later")
    # Before the bank is touched: a model that does not fit must not leave its name or its classes.
    predictor = _fitting_predictor(teacher, classes)
    writer = begin_teacher(bank, record, classes, recordings, overwrite=overwrite)
    missing = writer.missing(names)
    if missing:
        assert teacher.clips.root is not None
        store = prepare_features(
            teacher.clips.root, missing, teacher.clips, teacher.features, teacher.cache
        )
        with bar(f"logits of {name}", len(missing)) as advance:
            for start in range(0, len(missing), SHARD_CLIPS):
                positions = np.arange(start, min(start + SHARD_CLIPS, len(missing)))
                parts = []
                for first in range(0, len(positions), _BATCH):
                    logits = predictor(store.gather(positions[first : first + _BATCH]))
                    parts.append(logits[:, : len(classes)])
                    advance(len(logits))
                writer.write(missing[start : start + SHARD_CLIPS], np.concatenate(parts))
    return writer.finish()


def _fitting_predictor(teacher: Teacher, classes: tuple[str, ...]) -> Predictor:
    """The teacher's model, which takes its features and gives logits of its classes."""
    values = {
        "features": teacher.features,
        "clip_seconds": teacher.clips.clip_seconds,
        "classes": classes,
        "coarse_classes": teacher.coarse_classes,
    }
    config = make_preset_config(values, teacher.model)
    predictor = open_predictor(teacher.model)
    if isinstance(predictor, KerasPredictor):
        require_fit(predictor.model, config, teacher.model)
    else:
        require_input(predictor.input_shape, config.input_shape, teacher.model)
        silence = np.zeros((1, *config.input_shape), dtype=np.float32)
        outputs = predictor(silence).shape[1]
        require_outputs(outputs, classes, teacher.coarse_classes, teacher.model)
    return predictor


def _read(config: DataConfig) -> Dataset:
    assert config.root is not None
    # All of the training list is taken: which of it is held out does not matter here.
    return read_dataset(config.root, config.model_copy(update={"validation_fraction": 0.0}))


def _training_list(dataset: Dataset) -> list[str]:
    return sorted(dataset.train["filename"])


def _recordings(dataset: Dataset) -> set[str]:
    """Those of the whole training list: held-out ones chose the epoch."""
    return set(dataset.train["recording"])


def _record(
    teacher: Teacher,
    name: str,
    classes: tuple[str, ...],
    recordings: set[str] | None,
    dtype: Literal["float32", "float16"],
) -> TeacherRecord:
    origin = None
    if recordings is not None and teacher.trained_on is not None:
        split = teacher.trained_on.split
        origin = Origin(
            fold=teacher.trained_on.fold if split is None else None,
            split=split,
            recordings=len(recordings),
            digest=recordings_digest(recordings),
        )
    front_end = teacher.features.model_dump(mode="json")
    told = [
        file_digest(teacher.model),
        front_end,
        teacher.clips.clip_seconds,
        list(classes),
        None if origin is None else origin.model_dump(mode="json"),
    ]
    try:
        return TeacherRecord(
            name=name,
            kind=teacher.kind,
            source=teacher.source,
            identity=hashlib.blake2b(
                json.dumps(told, sort_keys=True).encode(), digest_size=16
            ).hexdigest(),
            system=system_of(teacher.model),
            dtype=dtype,
            origin=origin,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )
    except ValidationError as error:
        raise DataError(describe_errors(error, TeacherRecord)) from error
