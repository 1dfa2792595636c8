import dataclasses
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.challenge import (
    Entry,
    SystemResult,
    load_edition,
    read_entry,
    validate,
    write_package,
)
from dssd_tf.errors import PackageError

FOLDER = "task1/Doe_EXAMPLE_task1_1/Doe_EXAMPLE_task1_1"
REPORT = "task1/Doe_EXAMPLE_task1.technical_report.pdf"


def test_the_tree_of_2022(make_package: Callable[[int], Path]) -> None:
    path = make_package(2022)
    assert path.name == "Doe_EXAMPLE_task1_1.zip"
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == sorted(
            [REPORT, f"{FOLDER}.meta.yaml", f"{FOLDER}.output.csv"]
        )


def test_the_tree_of_2024(make_package: Callable[[int], Path]) -> None:
    outputs = [f"{FOLDER}.output.split_{split}.csv" for split in (5, 10, 25, 50, 100)]
    with zipfile.ZipFile(make_package(2024)) as archive:
        assert sorted(archive.namelist()) == sorted([REPORT, f"{FOLDER}.meta.yaml", *outputs])


def test_2021_has_one_more_folder_around_and_its_own_task(
    make_package: Callable[[int], Path],
) -> None:
    path = make_package(2021)
    folder = "Doe_EXAMPLE/task1/Doe_EXAMPLE_task1a_1/Doe_EXAMPLE_task1a_1"
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == [
            "Doe_EXAMPLE/task1/Doe_EXAMPLE_task1a.technical_report.pdf",
            f"{folder}.meta.yaml",
            f"{folder}.output.csv",
        ]


def test_the_same_input_gives_the_same_bytes(make_package: Callable[[int], Path]) -> None:
    assert make_package(2022).read_bytes() == make_package(2022).read_bytes()


def test_two_systems_share_a_package(
    write_entry: Callable[..., Path],
    entry_text: str,
    make_result: Callable[..., SystemResult],
    files: list[str],
    tmp_path: Path,
) -> None:
    second = (
        "  - {number: 2, name: Other, abbreviation: OTHER, description: {pipeline: training}}\n"
        "authors:"
    )
    entry = read_entry(write_entry(entry_text.replace("authors:", second)))
    edition = load_edition(2022)
    results = [make_result(edition), make_result(edition)]
    path = write_package(results, edition, entry, tmp_path, files=files)
    assert path.name == "Doe_EXAMPLE_task1.zip"
    assert validate(path, edition, files=files) == []
    with pytest.raises(PackageError, match="describes 2 systems, but 1 are given"):
        write_package(results[:1], edition, entry, tmp_path, files=files)


def test_missing_splits_are_named_with_the_fix(
    entry: Entry, make_result: Callable[..., SystemResult], files: list[str], tmp_path: Path
) -> None:
    edition = load_edition(2024)
    result = make_result(edition)
    outputs = {split: result.outputs[split] for split in (5, 25, 100)}
    with pytest.raises(PackageError, match=r"system 1 lacks 10, 50 — train .* splits 10, 50"):
        write_package(
            [dataclasses.replace(result, outputs=outputs)], edition, entry, tmp_path, files=files
        )
    assert not list(tmp_path.glob("*.zip"))


def test_a_split_the_edition_does_not_have_is_refused(
    entry: Entry, make_result: Callable[..., SystemResult], files: list[str], tmp_path: Path
) -> None:
    edition = load_edition(2022)
    result = make_result(edition)
    outputs = {25: result.outputs[None]}
    with pytest.raises(PackageError, match="splits 25, which 2022 does not have"):
        write_package(
            [dataclasses.replace(result, outputs=outputs)], edition, entry, tmp_path, files=files
        )


def test_a_system_number_beyond_the_edition_is_refused(
    write_entry: Callable[..., Path],
    entry_text: str,
    make_result: Callable[..., SystemResult],
    tmp_path: Path,
) -> None:
    entry = read_entry(write_entry(entry_text.replace("number: 1", "number: 4")))
    edition = load_edition(2024)
    with pytest.raises(PackageError, match="at most 3 systems"):
        write_package([make_result(edition)], edition, entry, tmp_path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda frame: frame.iloc[:-1], "rows, not 30|has no row for 1 of 30"),
        (lambda frame: pd.concat([frame, frame]), "duplicate"),
        (lambda frame: frame.assign(filename=frame["filename"] + "x"), "does not end in .wav"),
    ],
)
def test_rows_that_are_not_the_evaluation_files_are_refused(
    entry: Entry,
    make_result: Callable[..., SystemResult],
    files: list[str],
    tmp_path: Path,
    change: Callable[[pd.DataFrame], pd.DataFrame],
    reason: str,
) -> None:
    edition = load_edition(2022)
    result = make_result(edition)
    bad = {None: change(result.outputs[None])}
    with pytest.raises(PackageError, match=reason):
        write_package(
            [dataclasses.replace(result, outputs=bad)], edition, entry, tmp_path, files=files
        )


def test_the_report_is_needed_and_must_be_a_pdf(
    entry: Entry, make_result: Callable[..., SystemResult], files: list[str], tmp_path: Path
) -> None:
    edition = load_edition(2022)
    results = [make_result(edition)]
    bare = entry.model_copy(update={"report": None})
    with pytest.raises(PackageError, match="names no technical report"):
        write_package(results, edition, bare, tmp_path, files=files)
    sheet = tmp_path / "sheet.pdf"
    sheet.write_bytes(b"%PDF-1.4\n%%EOF\n")
    path = write_package(results, edition, bare, tmp_path, files=files, report=sheet)
    assert validate(path, edition, files=files) == []
    sheet.write_text("no PDF")
    with pytest.raises(PackageError, match=r"sheet\.pdf: is not a PDF"):
        write_package(results, edition, bare, tmp_path, files=files, report=sheet)
    gone = entry.model_copy(update={"report": tmp_path / "gone.pdf"})
    with pytest.raises(PackageError, match=r"gone\.pdf: the technical report cannot be read"):
        write_package(results, edition, gone, tmp_path, files=files)


def test_other_data_brings_its_own_classes_and_files(
    entry: Entry,
    make_result: Callable[..., SystemResult],
    make_frame: Callable[..., pd.DataFrame],
    make_metrics: Callable[..., dict],
    tmp_path: Path,
) -> None:
    edition = load_edition(2022)
    classes, files = ["kitchen", "office"], ["x.wav", "y.wav", "z.wav"]
    result = dataclasses.replace(
        make_result(edition),
        outputs={None: make_frame(classes, files)},
        results={None: make_metrics(classes, ["a"])},
    )
    path = write_package([result], edition, entry, tmp_path, classes=classes, files=files)
    assert validate(path, edition, classes=classes, files=files) == []
    official = {fault.field for fault in validate(path, edition)}
    assert "header" in official
    assert "results.development_dataset.class_wise.airport" in official
    assert "results.development_dataset.device_wise.s6" in official
