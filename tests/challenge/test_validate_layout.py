from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.challenge import Fault, load_edition, read_entry, validate, write_package

LABEL = "Doe_EXAMPLE_task1_1"
FOLDER = f"task1/{LABEL}/"
REPORT = "task1/Doe_EXAMPLE_task1.technical_report.pdf"

Content = dict[str, bytes]


def _move(content: Content, old: str, new: str) -> None:
    for name in [name for name in content if old in name]:
        content[name.replace(old, new)] = content.pop(name)


def _find(faults: list[Fault], file: str, field: str) -> str:
    return "\n".join(f.message for f in faults if f.file == file and f.field == field)


@pytest.mark.parametrize(
    ("change", "file", "field", "reason"),
    [
        (lambda c: c.update({".DS_Store": b"x"}), ".DS_Store", "stray file", "operating system"),
        (
            lambda c: c.update({f"{FOLDER}.DS_Store": b"x"}),
            f"{FOLDER}.DS_Store",
            "stray file",
            "operating system",
        ),
        (
            lambda c: c.update({"__MACOSX/task1/._x": b"x"}),
            "__MACOSX/task1/._x",
            "stray file",
            "operating system",
        ),
        (lambda c: c.update({"notes.txt": b"x"}), "notes.txt", "stray file", "not belong"),
        (
            lambda c: c.update({f"{FOLDER}a/b.csv": b"x"}),
            f"{FOLDER}a/b.csv",
            "stray file",
            "not belong",
        ),
        (lambda c: c.update({"task1/empty/": b""}), "task1/empty/", "stray file", "not belong"),
        (lambda c: c.pop(REPORT), REPORT, "file", "technical report is missing"),
        (
            lambda c: _move(c, "technical_report", "technical-report"),
            REPORT,
            "file",
            "missing, is it 'Doe_EXAMPLE_task1.technical-report.pdf'?",
        ),
        (lambda c: c.update({REPORT: b"text"}), REPORT, "report", "not a PDF"),
        (
            lambda c: c.pop(f"{FOLDER}{LABEL}.meta.yaml"),
            f"{FOLDER}{LABEL}.meta.yaml",
            "file",
            "meta file is missing",
        ),
        (
            lambda c: c.pop(f"{FOLDER}{LABEL}.output.split_25.csv"),
            f"{FOLDER}{LABEL}.output.split_25.csv",
            "file",
            "output file of split 25 is missing",
        ),
        (
            lambda c: _move(c, f"{LABEL}.output", "Doe_EXAMPLE_task1_2.output"),
            f"{FOLDER}{LABEL}.output.split_5.csv",
            "file",
            "missing, is it 'Doe_EXAMPLE_task1_2.output.split_5.csv'?",
        ),
        (
            lambda c: _move(c, f"task1/{LABEL}/", "task1/Doe_EX.AMPLE_task1_1/"),
            "task1/Doe_EX.AMPLE_task1_1",
            "label",
            "part 'EX.AMPLE'",
        ),
        (
            lambda c: _move(c, "task1_1", "task1_4"),
            "task1/Doe_EXAMPLE_task1_4",
            "label",
            "system number '4' is not in 1 … 3",
        ),
        (lambda c: _move(c, "task1/", "sub/task1/"), "task1/", "systems", "holds no system"),
        (lambda c: c.clear(), "task1/", "systems", "holds no system"),
    ],
)
def test_a_wrong_tree_is_told(
    make_package: Callable[[int], Path],
    rewrite: Callable[..., Path],
    files: list[str],
    change: Callable[[Content], Any],
    file: str,
    field: str,
    reason: str,
) -> None:
    faults = validate(rewrite(make_package(2024), change), 2024, files=files)
    assert reason in _find(faults, file, field), faults


def test_an_output_of_another_edition_is_stray(
    make_package: Callable[[int], Path], files: list[str]
) -> None:
    faults = validate(make_package(2022), 2024, files=files)
    name = f"{FOLDER}{LABEL}.output.csv"
    assert "not belong" in _find(faults, name, "stray file")
    assert len([fault for fault in faults if "of split" in fault.message]) >= 5


def test_folders_of_the_tree_may_be_members(
    make_package: Callable[[int], Path], rewrite: Callable[..., Path], files: list[str]
) -> None:
    package = rewrite(make_package(2022), lambda c: c.update({"task1/": b"", FOLDER: b""}))
    assert validate(package, 2022, files=files) == []


def test_too_many_systems_are_told(
    write_entry: Callable[..., Path],
    entry_text: str,
    make_result: Callable[..., Any],
    rewrite: Callable[..., Path],
    files: list[str],
    tmp_path: Path,
) -> None:
    more = "".join(
        f"  - {{number: {n}, name: N, abbreviation: S{n}, description: {{pipeline: training}}}}\n"
        for n in (2, 3, 4)
    )
    entry = read_entry(write_entry(entry_text.replace("authors:", more + "authors:")))
    edition = load_edition(2022)
    results = [make_result(edition) for _ in range(4)]
    package = write_package(results, edition, entry, tmp_path, files=files)

    def add_fifth(content: Content) -> None:
        for name in [name for name in content if "task1_1" in name]:
            content[name.replace("task1_1", "task1_5")] = content[name]

    faults = validate(rewrite(package, add_fifth), edition, files=files)
    assert "holds 5 systems, at most 4" in _find(faults, "task1/", "systems")
