from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.teachers import Origin, TeacherRecord, begin_teacher
from dssd_tf.teachers.recordings import recordings_digest

CLASSES = ("bus", "park", "tram")


@pytest.fixture
def classes() -> tuple[str, ...]:
    return CLASSES


@pytest.fixture
def clips() -> list[str]:
    return [f"audio/bus-lyon-{number}-a.wav" for number in range(7)]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A bank's place; nothing is there yet."""
    return tmp_path / "bank"


@pytest.fixture
def make_record() -> Callable[..., TeacherRecord]:
    """A record, by default of a run of fold 1 whose recordings are known."""

    def make(name: str = "big", recordings: Collection[str] | None = None, **values: object):
        if recordings is not None:
            values["origin"] = Origin(
                fold=1, recordings=len(recordings), digest=recordings_digest(recordings)
            )
        told = {
            "name": name,
            "kind": "run",
            "source": f"run {name}",
            "identity": f"identity of {name}",
            "created": "2026-01-01T00:00:00+00:00",
        }
        return TeacherRecord.model_validate(told | values)

    return make


@pytest.fixture
def add(bank: Path, clips: list[str], make_record: Callable) -> Callable[..., np.ndarray]:
    """Write a finished teacher with random logits on all clips; gives them."""

    def write(
        name: str = "big",
        *,
        recordings: Collection[str] | None = frozenset({"bus-lyon"}),
        names: list[str] | None = None,
        seed: int = 0,
        **values: object,
    ) -> np.ndarray:
        names = clips if names is None else names
        logits = np.random.default_rng(seed).normal(size=(len(names), len(CLASSES)), scale=3)
        record = make_record(name, recordings, **values)
        writer = begin_teacher(bank, record, CLASSES, recordings)
        writer.write(names, logits.astype(np.float32))
        writer.finish()
        return logits.astype(np.float32)

    return write
