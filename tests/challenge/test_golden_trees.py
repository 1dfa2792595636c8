"""Trees of golden packages with one thing wrong: one fault each.

The faults are in the YAML file beside this one, as they are printed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dssd_tf.challenge import Fault

TOLD = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))

Content = dict[str, bytes]
Change = Callable[[Content], Any]
LABEL = "Doe_EXAMPLE_task1_1"
META = f"{LABEL}.meta.yaml"
REPORT = "task1/Doe_EXAMPLE_task1.technical_report.pdf"


def _move(old: str, new: str) -> Change:
    """Rename all files whose paths hold `old`."""

    def change(content: Content) -> None:
        names = [name for name in content if old in name]
        assert names
        for name in names:
            content[name.replace(old, new)] = content.pop(name)

    return change


def _relabel(old: str, new: str) -> Change:
    """Give a system another label in all three places, as an author would who got it wrong."""

    def change(content: Content) -> None:
        _move(old, new)(content)
        for name in [name for name in content if name.endswith(f"{new}.meta.yaml")]:
            content[name] = content[name].replace(old.encode(), new.encode())

    return change


def _add(name: str, data: bytes = b"x") -> Change:
    return lambda content: content.update({name: data})


def _fifth(content: Content) -> None:
    """A fifth system, with a number that goes on from the fourth."""
    for name in [name for name in content if "task1_4" in name]:
        data = content[name].replace(b"task1_4", b"task1_5")
        content[name.replace("task1_4", "task1_5")] = data


def _report(data: bytes) -> Change:
    return lambda content: content.update({REPORT: data})


MUTATIONS: dict[str, tuple[int, Change]] = {
    "label of the folder": (2022, _move(f"/{LABEL}/", "/Doe_EXAMPLE_task1_2/")),
    "label of the folder, many files": (2024, _move(f"/{LABEL}/", "/Doe_EXAMPLE_task1_2/")),
    "label of all file names": (2023, _move(f"/{LABEL}.", "/Doe_EXAMPLE_task1_2.")),
    "label of one file name": (2023, _move(f"/{META}", "/Doe_EXAMPLE_task1_2.meta.yaml")),
    "label with the task of 2021": (2022, _relabel(LABEL, "Doe_EXAMPLE_task1a_1")),
    "label with the task of 2022": (2021, _relabel("Doe_EXAMPLE_task1a_1", LABEL)),
    "label with a dot": (2022, _relabel(LABEL, "Doe_EX.AMPLE_task1_1")),
    "label with a space": (2023, _relabel(LABEL, "Doe_EX AMPLE_task1_1")),
    "label with an underscore more": (2023, _relabel(LABEL, "Doe_EX_AMPLE_task1_1")),
    "number 0": (2022, _relabel(LABEL, "Doe_EXAMPLE_task1_0")),
    "number 5": (2025, _relabel(LABEL, "Doe_EXAMPLE_task1_5")),
    "number 4 of 3": (2024, _relabel(LABEL, "Doe_EXAMPLE_task1_4")),
    "five systems": (2022, _fifth),
    ".DS_Store at the top": (2021, _add(".DS_Store")),
    ".DS_Store in a system": (2025, _add(f"task1/{LABEL}/.DS_Store")),
    "__MACOSX": (
        2022,
        lambda c: c.update({f"__MACOSX/task1/{LABEL}/._{n}": b"x" for n in (META, "output")}),
    ),
    "__MACOSX around": (2021, _add("__MACOSX/task1/Doe_EXAMPLE_task1a_1/._x.meta.yaml")),
    "an empty folder": (2023, _add("task1/notes/", b"")),
    "a folder of notes": (2023, _add("task1/notes/todo.txt")),
    "a file at the top": (2023, _add("notes.txt")),
    "a file too deep": (2023, _add(f"task1/{LABEL}/a/b.csv")),
    "code in the package": (2025, _add(f"task1/{LABEL}/model.py")),
    "a second report": (2024, _add("task1/report.pdf")),
    "PDF missing": (2023, lambda c: c.pop(REPORT)),
    "PDF that is none": (2023, _report(b"PK\x03\x04 a document")),
    "PDF cut short": (2023, _report(b"%PDF-1.4\nexample")),
    "PDF empty": (2023, _report(b"")),
    "report of another team": (2022, _move("/Doe_EXAMPLE_task1.tech", "/Roe_OTHER_task1.tech")),
    "report under a short name": (2022, _move(REPORT, "task1/report.pdf")),
    "report of the task of 2022": (2021, _move("_task1a.tech", "_task1.tech")),
    "meta file missing": (2022, lambda c: c.pop(f"task1/{LABEL}/{META}")),
    "meta file as .yml": (2022, _move(".meta.yaml", ".meta.yml")),
    "split missing": (2024, lambda c: c.pop(f"task1/{LABEL}/{LABEL}.output.split_25.csv")),
    "split under another name": (2024, _move("split_25.csv", "split25.csv")),
    "output under another name": (2025, _move(".output.csv", ".outputs.csv")),
    "no folder around": (2021, _move("Doe_EXAMPLE/task1/", "task1/")),
    "a folder around": (2022, _move("task1/", "submission/task1/")),
    "systems at the top": (2023, _move("task1/", "")),
    "root of another name": (2021, _move("/task1/", "/task1a/")),
    "nothing at all": (2025, lambda c: c.clear()),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_one_thing_wrong_is_one_fault(faults_after: Callable[..., list[Fault]], name: str) -> None:
    year, change = MUTATIONS[name]
    (fault,) = faults_after(year, change, systems=4 if name == "five systems" else 1)
    assert fault.in_full() == TOLD[name]


def test_an_output_of_another_edition_is_stray(faults_after: Callable[..., list[Fault]]) -> None:
    faults = faults_after(2024, _move(".output.split_5.csv", ".output.csv"))
    assert [(fault.field, fault.message) for fault in faults] == [
        ("file", "the output file of split 5 is missing"),
        ("stray file", "does not belong here"),
    ]


def test_many_stray_files_are_told_twenty_times_and_counted(
    faults_after: Callable[..., list[Fault]],
) -> None:
    more = {f"task1/{number:03}.txt": b"" for number in range(30)}
    faults = faults_after(2022, lambda content: content.update(more))
    assert [fault.file for fault in faults[:20]] == list(more)[:20]
    (last,) = faults[20:]
    assert last.found == "10 files"
    assert last.message == "10 more files that do not belong here, the last task1/029.txt"


def test_folders_of_the_tree_may_be_members(faults_after: Callable[..., list[Fault]]) -> None:
    more = {"task1/": b"", f"task1/{LABEL}/": b""}
    assert faults_after(2022, lambda content: content.update(more)) == []


def test_each_team_has_its_report(faults_after: Callable[..., list[Fault]]) -> None:
    (fault,) = faults_after(2022, _relabel("Doe_EXAMPLE_task1_2", "Roe_OTHER_task1_2"), systems=2)
    assert fault.file == "task1/Roe_OTHER_task1.technical_report.pdf"
    assert fault.message == "the technical report is missing"
