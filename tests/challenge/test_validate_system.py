from typing import Any

import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.challenge.members import Member
from dssd_tf.challenge.validate_system import missing, sort_system

OLD, NEW = load_edition(2022), load_edition(2024)
LABEL, OTHER = "Doe_EXAMPLE_task1_1", "Doe_EXAMPLE_task1_2"


def _sort(folder: str, *names: str, edition: Any = OLD, too_many: bool = False) -> Any:
    path = f"task1/{folder}"
    files = [Member(f"{path}/{name}", 1) for name in names]
    return sort_system(path, files, edition, too_many=too_many)


def test_a_whole_system() -> None:
    system, stray, faults = _sort(LABEL, f"{LABEL}.output.csv", f"{LABEL}.meta.yaml")
    assert (stray, faults) == ([], [])
    assert system.labels == [LABEL]
    assert str(system.team) == LABEL
    assert system.meta.name.endswith(".meta.yaml")
    assert list(system.outputs) == [None]


def test_splits_are_told_apart() -> None:
    splits = (5, 10, 25, 50, 100)
    names = [f"{LABEL}.output.split_{split}.csv" for split in splits]
    system, stray, faults = _sort(LABEL, *names, f"{LABEL}.meta.yaml", edition=NEW)
    assert (stray, faults) == ([], [])
    assert {s: m.name.rsplit("/", 1)[1] for s, m in system.outputs.items()} == dict(
        zip(splits, names, strict=True)
    )


def test_of_two_files_of_a_kind_the_rightly_named_is_taken() -> None:
    names = [f"{OTHER}.meta.yaml", f"{LABEL}.meta.yaml", f"{LABEL}.output.csv"]
    system, (stray,), faults = _sort(LABEL, *names)
    assert faults == []
    assert system.meta.name.endswith(names[1])
    assert stray.name.endswith(names[0])


@pytest.mark.parametrize(
    ("folder", "files", "team", "expected"),
    [
        (LABEL, OTHER, LABEL, OTHER),
        ("Doe_EX.AMPLE_task1_1", LABEL, LABEL, LABEL),
        (LABEL, "mine", LABEL, f"files named for {LABEL}"),
        ("mine", "yours", None, "LastName_Institute_task1_N"),
    ],
)
def test_a_folder_that_differs_from_all_its_files_is_one_fault(
    folder: str, files: str, team: str | None, expected: str
) -> None:
    system, stray, (fault,) = _sort(folder, f"{files}.output.csv", f"{files}.meta.yaml")
    assert stray == []
    assert (fault.file, fault.field, fault.found) == (f"task1/{folder}", "label", folder)
    assert fault.expected == expected
    assert system.labels == [folder, files]
    assert (system.team and str(system.team)) == team
    assert system.meta is not None and system.outputs


def test_the_number_is_no_fault_among_too_many() -> None:
    names = ("Doe_EXAMPLE_task1_5.output.csv", "Doe_EXAMPLE_task1_5.meta.yaml")
    _, _, (fault,) = _sort("Doe_EXAMPLE_task1_5", *names)
    assert fault.message == "system number '5' is not in 1 … 4"
    assert _sort("Doe_EXAMPLE_task1_5", *names, too_many=True)[2] == []


def test_a_missing_file_is_told_with_one_under_another_name() -> None:
    system, stray, (fault,) = _sort(LABEL, f"{LABEL}.outputs.csv", f"{LABEL}.meta.yaml", "x.txt")
    assert system.outputs == {}
    assert [member.name for member in stray] == [f"task1/{LABEL}/x.txt"]
    assert fault.found == f"{LABEL}.outputs.csv"
    assert fault.expected == f"{LABEL}.output.csv"


def test_each_missing_file_takes_another_name() -> None:
    names = [f"{LABEL}.output.split-{split}.csv" for split in (5, 10, 25, 50, 100)]
    _, stray, faults = _sort(LABEL, *names, f"{LABEL}.meta.yaml", edition=NEW)
    assert stray == []
    assert [fault.found for fault in faults] == names


def test_a_file_that_was_refused_is_there() -> None:
    files = [
        Member(f"task1/{LABEL}/{LABEL}.meta.yaml", 1, refused=True),
        Member(f"task1/{LABEL}/{LABEL}.output.csv", 1),
    ]
    system, _, faults = sort_system(f"task1/{LABEL}", files, OLD, too_many=False)
    assert faults == []
    assert system.meta == files[0]


def test_missing_without_another_name() -> None:
    fault = missing("task1/r.pdf", "report", None)
    assert str(fault) == "task1/r.pdf: file: the report is missing"
    assert (fault.found, fault.expected) == ("", "r.pdf")
