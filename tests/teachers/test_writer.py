import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.errors import DataError
from dssd_tf.files import leftovers
from dssd_tf.teachers import TeacherBank, begin_teacher, read_manifest

KILLED = """
import os, signal, sys
import numpy as np
from pathlib import Path
from dssd_tf.teachers import TeacherRecord, begin_teacher, shard

record = TeacherRecord.model_validate_json(sys.argv[2])
writer = begin_teacher(Path(sys.argv[1]), record, ("bus", "park", "tram"))
assert "tensorflow" not in sys.modules and "pandas" not in sys.modules
writer.write(["a", "b"], np.ones((2, 3)))

def half(file, **arrays):
    file.write(b"PK half a shard")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)

np.savez_compressed = half
writer.write(["c", "d"], np.ones((2, 3)))
"""


def test_a_writer_that_was_interrupted_goes_on(
    bank: Path, clips: list[str], classes: tuple, make_record: Callable
) -> None:
    first = begin_teacher(bank, make_record(), classes)
    first.write(clips[:3], np.full((3, 3), 1.0))
    second = begin_teacher(bank, make_record(), classes)
    assert second.missing(clips) == clips[3:]
    second.write(clips[3:], np.full((4, 3), 2.0))
    assert second.finish().clips == 7
    found = TeacherBank.open(bank).logits(clips)
    np.testing.assert_array_equal(found[:, 0], [1, 1, 1, 2, 2, 2, 2])


def test_a_finished_teacher_takes_further_clips(
    bank: Path, clips: list[str], classes: tuple, add: Callable, make_record: Callable
) -> None:
    add(names=clips[:4])
    writer = begin_teacher(bank, make_record("big", {"bus-lyon"}), classes, {"bus-lyon"})
    writer.write(writer.missing(clips), np.zeros((3, 3)))
    assert writer.finish().clips == 7
    assert TeacherBank.open(bank).recordings("big") == {"bus-lyon"}


@pytest.mark.slow
def test_a_killed_writer_leaves_whole_shards_only(
    bank: Path, classes: tuple, make_record: Callable
) -> None:
    record = make_record()
    command = [sys.executable, "-c", KILLED, str(bank), record.model_dump_json()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(leftovers(bank)) == 1
    writer = begin_teacher(bank, record, classes)
    assert writer.missing(["a", "b", "c", "d"]) == ["c", "d"]
    writer.write(["c", "d"], np.ones((2, 3)))
    assert writer.finish().clips == 4


def test_another_teacher_of_the_same_name_is_refused(
    bank: Path, clips: list[str], classes: tuple, add: Callable, make_record: Callable
) -> None:
    old = add()
    other = make_record(identity="another")
    with pytest.raises(DataError, match="has another teacher 'big' already, from run big"):
        begin_teacher(bank, other, classes)
    with pytest.raises(DataError, match="dtype float32, not float16"):
        begin_teacher(bank, make_record(dtype="float16"), classes)
    np.testing.assert_array_equal(TeacherBank.open(bank).logits(clips), old)
    writer = begin_teacher(bank, other, classes, overwrite=True)
    assert writer.missing(clips) == clips
    writer.write(clips, -old)
    writer.finish()
    opened = TeacherBank.open(bank)
    np.testing.assert_array_equal(opened.logits(clips), -old)
    assert opened.recordings("big") == frozenset()


def test_columns_go_to_the_classes_of_the_bank(
    bank: Path,
    clips: list[str],
    add: Callable,
    make_record: Callable,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add()
    logits = np.arange(21.0).reshape(7, 3)
    writer = begin_teacher(bank, make_record("other"), ("tram", "bus", "park"))
    assert "other is put in the bank's order bus, park, tram" in capsys.readouterr().err
    writer.write(clips, logits)
    writer.finish()
    found = TeacherBank.open(bank).logits(clips, ["other"])
    np.testing.assert_array_equal(found, logits[:, [1, 2, 0]])


def test_other_classes_are_refused(bank: Path, add: Callable, make_record: Callable) -> None:
    add()
    with pytest.raises(DataError, match=r"'other' has other classes.*lacks 'tram'"):
        begin_teacher(bank, make_record("other"), ("bus", "park", "metro"))
    assert [teacher.name for teacher in read_manifest(bank).teachers] == ["big"]


def test_values_and_shapes_are_checked(
    bank: Path, clips: list[str], classes: tuple, make_record: Callable
) -> None:
    writer = begin_teacher(bank, make_record(), classes)
    with pytest.raises(DataError, match=r"expected \(7, 3\)"):
        writer.write(clips, np.zeros((7, 4)))
    with pytest.raises(DataError, match=f"{clips[2]} are not finite"):
        writer.write(clips, np.where(np.arange(7)[:, None] == 2, np.nan, np.zeros((7, 3))))
    with pytest.raises(DataError, match="has no clips"):
        writer.finish()


def test_a_replaced_teacher_is_not_finished(
    bank: Path, clips: list[str], classes: tuple, make_record: Callable
) -> None:
    writer = begin_teacher(bank, make_record(), classes)
    writer.write(clips, np.zeros((7, 3)))
    begin_teacher(bank, make_record(identity="another"), classes, overwrite=True)
    with pytest.raises(DataError, match="was replaced while it was written"):
        writer.finish()


def test_a_folder_of_other_things_is_left_alone(
    tmp_path: Path, classes: tuple, make_record: Callable
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match="is not a teacher bank"):
        begin_teacher(tmp_path, make_record(), classes)
    with pytest.raises(DataError, match="is a file"):
        begin_teacher(tmp_path / "notes.txt", make_record(), classes)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
