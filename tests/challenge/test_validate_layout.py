from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.challenge.members import Members, open_members
from dssd_tf.challenge.validate_layout import check_layout

EDITION = load_edition(2022)
LABEL = "Doe_EXAMPLE_task1_1"
REPORT = "task1/Doe_EXAMPLE_task1.technical_report.pdf"


@pytest.fixture
def members(make_package: Callable[..., Path]) -> Iterator[Members]:
    """Those of a package of two systems."""
    with open_members(make_package(2022, systems=2)) as members:
        yield members


def test_every_file_finds_its_place(members: Members) -> None:
    found, faults = check_layout(members, EDITION)
    assert faults == []
    assert [member.name for member in found.reports] == [REPORT]
    labels = [LABEL, "Doe_EXAMPLE_task1_2"]
    for label, system in zip(labels, found.systems, strict=True):
        assert system.labels == [label]
        assert system.meta is not None
        assert system.meta.name == f"task1/{label}/{label}.meta.yaml"
        assert [m.name for m in system.outputs.values()] == [f"task1/{label}/{label}.output.csv"]


def test_with_a_label_that_cannot_be_read_any_report_will_do(members: Members) -> None:
    for index, member in enumerate(members.files):
        name = member.name.replace("Doe_EXAMPLE_task1_", "Doe_task1_")
        members.files[index] = type(member)(name, member.size)
    found, faults = check_layout(members, EDITION)
    assert [fault.field for fault in faults] == ["label", "label"]
    assert [member.name for member in found.reports] == [REPORT]
    members.files[:] = [member for member in members.files if member.name != REPORT]
    _, faults = check_layout(members, EDITION)
    assert [fault.field for fault in faults] == ["label", "label", "file"]
    assert faults[-1].expected == "LastName_Institute_task1.technical_report.pdf"


def test_what_was_refused_is_neither_missing_nor_stray(members: Members) -> None:
    members.files[:] = [type(m)(m.name, m.size, refused=True) for m in members.files]
    members.files.append(type(members.files[0])("task1/link", 1, refused=True))
    found, faults = check_layout(members, EDITION)
    assert faults == []
    assert len(found.systems) == 2
