import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.data.verification.fault import DataFault
from dssd_tf.data.verification.verify import Verification, verify

RATE = 44100
Record = Callable[..., None]
First = Callable[..., str]
Only = Callable[[Verification, str], DataFault]


@pytest.mark.parametrize(
    ("form", "check", "found", "expected"),
    [
        ({"samplerate": 48000}, "sampling rate", "48000", "44100"),
        ({"subtype": "PCM_16"}, "bit depth", "16", "24"),
        ({"audio": np.full((RATE, 2), 0.1)}, "channels", "2", "1"),
        ({"audio": np.full(RATE // 2, 0.1)}, "duration", "0.500", "1.000"),
        ({"audio": np.zeros(0)}, "duration", "0.000", "1.000"),
    ],
)
def test_audio_of_another_form(
    damaged: Path, form: dict, check: str, found: str, expected: str, record: Record, first: First
) -> None:
    name = first(damaged)
    record(damaged, name, **form)
    faults = [f for f in verify(damaged).faults if f.check == check]
    assert [(f.file, f.found, f.expected) for f in faults] == [(name, found, expected)]


@pytest.mark.parametrize("cut", [0, 20, 60_000])
def test_a_truncated_recording(damaged: Path, cut: int, first: First, only: Only) -> None:
    name = first(damaged)
    content = (damaged / name).read_bytes()
    (damaged / name).write_bytes(content[:cut])
    expected = {0: "empty", 20: "audio", 60_000: "truncated"}[cut]
    assert only(verify(damaged), expected).file == name


def test_copies_under_other_names(damaged: Path, first: First) -> None:
    names = sorted(first(damaged, row=row) for row in (1, 5, 9))
    for name in names[1:]:
        shutil.copy(damaged / names[0], damaged / name)
    faults = verify(damaged).faults
    assert [(f.check, f.file, f.found) for f in faults] == [
        ("copy", name, names[0]) for name in names[1:]
    ]


def test_files_that_only_begin_alike_are_no_copies(
    damaged: Path, record: Record, first: First
) -> None:
    for row in (1, 5):
        audio = np.zeros(RATE)
        audio[-row] = 0.5
        record(damaged, first(damaged, row=row), audio)
    assert verify(damaged).faults == []


def test_a_truncated_recording_is_told_with_both_lengths(
    damaged: Path, first: First, only: Only
) -> None:
    name = first(damaged)
    (damaged / name).write_bytes((damaged / name).read_bytes()[:60_000])
    fault = only(verify(damaged), "truncated")
    assert fault.message == "header promises 1.00 s, the file ends at 0.45 s"
