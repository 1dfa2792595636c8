import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.teachers import begin_teacher
from dssd_tf.teachers.recordings import RECORDINGS_FILE
from dssd_tf.teachers.shard import write_shard
from dssd_tf.teachers.verify import Student, verify_bank


def _problems(bank: Path, student: Student | None = None) -> list[str]:
    return [str(fault) for fault in verify_bank(bank, student)]


@pytest.fixture
def student(classes: tuple, clips: list[str]) -> Student:
    return Student(classes[::-1], clips, {"bus-paris"}, fold=1)


def test_a_whole_bank_has_no_faults(bank: Path, add: Callable, student: Student) -> None:
    add("big")
    add("small", seed=1)
    assert _problems(bank) == []
    assert _problems(bank, student) == []


def test_a_damaged_shard_and_its_clips(bank: Path, add: Callable) -> None:
    add()
    (shard,) = (bank / "big").glob("shard-*")
    shard.write_bytes(shard.read_bytes()[:-50])
    damaged, lost = _problems(bank)
    assert damaged.startswith(f"{shard}: is damaged")
    assert "0 readable clips, 7 were written" in lost


def test_a_clip_stored_twice_with_other_values(bank: Path, clips: list[str], add: Callable) -> None:
    big = add()
    write_shard(bank / "big", clips[2:4], big[2:4], "float32")
    assert _problems(bank) == []
    write_shard(bank / "big", clips[2:3], big[2:3] + 1, "float32")
    (problem,) = _problems(bank)
    assert f"other logits of {clips[2]}" in problem


def test_unfinished_and_stray_folders_and_a_changed_list(
    bank: Path, clips: list[str], classes: tuple, add: Callable, make_record: Callable
) -> None:
    add()
    begin_teacher(bank, make_record("half"), classes).write(clips[:2], np.zeros((2, 3)))
    (bank / "stray").mkdir()
    (bank / "big" / RECORDINGS_FILE).write_text(json.dumps({"recordings": []}))
    changed, unfinished, stray = _problems(bank)
    assert "is not the list" in changed
    assert unfinished == f"{bank / 'half'}: is unfinished: 2 clips so far"
    assert stray.startswith(f"{bank / 'stray'}: ")


def test_what_a_student_cannot_use(
    bank: Path, clips: list[str], add: Callable, student: Student
) -> None:
    add("short", names=clips[:5])
    add("leaky", recordings={"bus-paris"})
    add("unknown", recordings=None)
    short, leaky, unknown = verify_bank(bank, student)
    assert "2 of 7 clips are missing" in str(short)
    assert "'bus-paris'" in str(leaky)
    assert [fault.doubt for fault in (short, leaky, unknown)] == [False, False, True]
    other = Student(("bus", "park", "metro"), clips[:5], (), fold=1)
    assert "lacks 'metro'" in _problems(bank, other)[0]
