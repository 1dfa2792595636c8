import shutil
from collections.abc import Callable
from pathlib import Path

from dssd_tf.data.verification.fault import DataFault
from dssd_tf.data.verification.verify import Verification, verify

Edit = Callable[[Path, Callable[[list[str]], list[str]]], None]
Record = Callable[..., None]
First = Callable[..., str]
Only = Callable[[Verification, str], DataFault]


def test_a_recording_in_train_and_test(damaged: Path, edit: Edit, only: Only) -> None:
    setup = damaged / "evaluation_setup"
    row = (setup / "fold1_train.csv").read_text().splitlines()[1]
    for name, text in (("fold1_evaluate.csv", row), ("fold1_test.csv", row.split("\t")[0])):
        edit(setup / name, lambda rows, text=text: [*rows, text])
    fault = only(verify(damaged, audio="none"), "leak")
    assert (fault.file, fault.row) == ("evaluation_setup/fold1_evaluate.csv", 22)
    scene, city, location = Path(row.split("\t")[0]).stem.split("-")[:3]
    assert fault.found == f"{scene}-{city}-{location}"
    assert fault.expected == "not in fold1_train"


def test_lists_of_one_fold_that_differ(damaged: Path, edit: Edit, first: First, only: Only) -> None:
    setup = damaged / "evaluation_setup"
    name = first(setup, "fold1_test.csv")
    edit(setup / "fold1_test.csv", lambda rows: [rows[0], *rows[2:]])
    fault = only(verify(damaged, audio="none"), "list against list")
    assert (fault.file, fault.row) == ("evaluation_setup/fold1_evaluate.csv", 2)
    assert (fault.found, fault.expected) == (name, "fold1_test")


def test_a_list_that_labels_otherwise(damaged: Path, edit: Edit, only: Only) -> None:
    path = damaged / "evaluation_setup" / "fold1_evaluate.csv"
    edit(path, lambda rows: [rows[0], rows[1].replace("\tairport", "\tbus"), *rows[2:]])
    fault = only(verify(damaged, audio="none"), "label against meta")
    assert (fault.row, fault.found, fault.expected) == (2, "bus", "airport")


def _splits(root: Path) -> tuple[Path, Path]:
    """split5 inside split10, and their test list."""
    setup = root / "evaluation_setup"
    rows = (setup / "fold1_train.csv").read_text().splitlines()
    (setup / "split10.csv").write_text("\n".join(rows[:13]) + "\n")
    (setup / "split5.csv").write_text("\n".join(rows[:7]) + "\n")
    shutil.copy(setup / "fold1_evaluate.csv", setup / "test.csv")
    return setup / "split5.csv", setup / "split10.csv"


def test_splits_that_are_not_nested(damaged: Path, edit: Edit, only: Only) -> None:
    small, _ = _splits(damaged)
    assert verify(damaged, audio="none").faults == []
    rows = (small.parent / "fold1_train.csv").read_text().splitlines()
    edit(small, lambda old: [*old, rows[20]])
    fault = only(verify(damaged, audio="none"), "nested")
    assert (fault.file, fault.row) == ("evaluation_setup/split5.csv", 8)
    assert (fault.found, fault.expected) == (rows[20].split("\t")[0], "split10")


def test_a_split_that_cuts_a_segment(
    damaged: Path, edit: Edit, record: Record, first: First, only: Only
) -> None:
    """A second clip of a segment, in meta.csv and in the larger split but not in the smaller."""
    small, large = _splits(damaged)
    name = first(small.parent, "split5.csv")
    parts = Path(name).stem.split("-")
    second = f"audio/{'-'.join([*parts[:4], '1', parts[5]])}.wav"
    record(damaged, second)
    meta = f"{second}\t{parts[0]}\t{parts[1]}-{parts[2]}\t{parts[5]}"
    edit(damaged / "meta.csv", lambda rows: [*rows, meta])
    edit(large, lambda rows: [*rows, f"{second}\t{parts[0]}"])
    fault = only(verify(damaged), "segment")
    assert (fault.file, fault.found, fault.expected) == ("evaluation_setup/split5.csv", "1", "2")
    assert "-".join([*parts[:4], parts[5]]) in fault.message


def test_a_split_that_shares_a_recording_with_its_test(damaged: Path, edit: Edit) -> None:
    small, _ = _splits(damaged)
    row = small.read_text().splitlines()[1]
    edit(small.parent / "test.csv", lambda rows: [*rows, row])
    faults = verify(damaged, audio="none").faults
    assert {(f.check, f.expected) for f in faults} == {
        ("leak", "not in split5"),
        ("leak", "not in split10"),
    }
