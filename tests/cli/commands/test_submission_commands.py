"""`package`, `validate`, `report`."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def package(finished_run: Path) -> Path:
    return finished_run / "submission" / "Doe_EXAMPLE_task1_1.zip"


def test_a_good_package_is_valid_like_its_run(
    dssd: Callable, package: Path, finished_run: Path
) -> None:
    result = dssd("validate", package, "--edition", "2022", "--like", finished_run)
    assert result.code == 0, result.out
    assert "valid" in result.err


def test_against_the_official_data_it_has_faults(dssd: Callable, package: Path) -> None:
    result = dssd("validate", package, "--edition", "2022")
    assert result.code == 1
    assert "118800 files" in result.out
    assert "expected 0.wav … 118799.wav, once each" in result.out
    assert result.err.splitlines()[-1] == (
        "these are not the classes or files of 2022; a package of other data is checked against "
        "the run that it was made of: --like RUN"
    )


@pytest.fixture
def spoilt(package: Path, tmp_path: Path) -> Path:
    """The package with three things wrong: one in the meta file, two in the output."""
    target = tmp_path / package.name
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(target, "w") as changed:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith(".output.csv"):
                lines = data.split(b"\n")
                lines[2] = b"\t".join([*lines[2].split(b"\t")[:-1], b"nan"])
                data = b"\r\n".join(lines)
            elif name.endswith(".meta.yaml"):
                data = data.replace(b"abbreviation: ", b"abbreviation: TOOLONGATALL", 1)
            changed.writestr(name, data)
    return target


def test_faults_are_told_by_file_with_a_count(
    dssd: Callable, spoilt: Path, finished_run: Path
) -> None:
    result = dssd("validate", spoilt, "--edition", "2022", "--like", finished_run)
    assert result.code == 1
    folder = "task1/Doe_EXAMPLE_task1_1/Doe_EXAMPLE_task1_1"
    lines = result.out.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        [f"{folder}.meta.yaml", "submission.abbreviation"],
        [f"{folder}.output.csv", "line ends"],
        [f"{folder}.output.csv:3", "tram"],
    ]
    assert lines[2].endswith(
        "tram: 'nan' is not a finite number (found nan, expected a number in [0, 1])"
    )
    assert result.err.splitlines()[-1] == (
        f"{spoilt}: 3 faults: 1 in {folder}.meta.yaml, 2 in {folder}.output.csv"
    )


def test_faults_as_json_have_all_fields(dssd: Callable, spoilt: Path, finished_run: Path) -> None:
    result = dssd("validate", spoilt, "--edition", "2022", "--like", finished_run, "--json")
    assert result.code == 1
    faults = json.loads(result.out)
    assert len(faults) == 3
    assert faults[2] == {
        "file": "task1/Doe_EXAMPLE_task1_1/Doe_EXAMPLE_task1_1.output.csv",
        "row": 3,
        "field": "tram",
        "found": "nan",
        "expected": "a number in [0, 1]",
        "message": "'nan' is not a finite number",
    }


def test_no_faults_as_json_are_an_empty_list(
    dssd: Callable, package: Path, finished_run: Path
) -> None:
    result = dssd("validate", package, "--edition", "2022", "--like", finished_run, "--json")
    assert result.code == 0
    assert json.loads(result.out) == []


def test_one_output_file_is_checked_alone(
    dssd: Callable, package: Path, finished_run: Path, tmp_path: Path
) -> None:
    path = tmp_path / "output.csv"
    with zipfile.ZipFile(package) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".csv")]
        path.write_bytes(archive.read(name))
    assert dssd("validate", path, "--edition", "2022", "--like", finished_run).code == 0
    path.write_bytes(path.read_bytes().replace(b"0.wav", b"0.mp3", 1))
    result = dssd("validate", path, "--edition", "2022", "--like", finished_run)
    assert result.code == 1
    assert result.err.splitlines()[-1] == f"{path}: 1 fault: 1 in output.csv"


@pytest.mark.parametrize(
    ("given", "problem"),
    [([], "no edition is given"), (["1999"], "unknown edition 1999"), (["x"], "unknown edition x")],
)
def test_the_editions_there_are_are_named(
    dssd: Callable, tmp_path: Path, given: list[str], problem: str
) -> None:
    options = ["--edition", *given] if given else []
    result = dssd("validate", tmp_path / "none.zip", *options)
    assert result.code == 2
    assert problem in result.line
    assert "2021, 2022, 2023, 2024, 2025" in result.line


def test_what_is_no_package_is_an_error(dssd: Callable, tmp_path: Path) -> None:
    result = dssd("validate", tmp_path / "none.zip", "--edition", "2022")
    assert result.code == 2
    assert str(tmp_path / "none.zip") in result.line
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    result = dssd("validate", tmp_path / "bad.zip", "--edition", "2022")
    assert result.code == 2
    assert str(tmp_path / "bad.zip") in result.line


def test_packaging_a_run_gives_the_package_of_the_run(
    dssd: Callable, finished_run: Path, package: Path, repository: Path, tmp_path: Path
) -> None:
    entry = repository / "submissions" / "example" / "entry.yaml"
    result = dssd(
        "package", finished_run, "--edition", 2022, "--entry", entry, "--out", tmp_path / "out"
    )
    assert result.code == 0, result.err
    written = tmp_path / "out" / package.name
    assert written.read_bytes() == package.read_bytes()
    told = result.err.splitlines()[-1]
    assert told == (
        f"to check it again: dssd validate {written} --edition 2022 --like {finished_run}"
    )
    assert dssd(*told.partition(": dssd ")[2].split()).code == 0


@pytest.mark.parametrize("given", [[], ["run"], ["run", "--edition", "2022"]])
def test_packaging_needs_all_three(dssd: Callable, given: list[str]) -> None:
    result = dssd("package", *given)
    assert result.code == 2
    assert "RUN…, --edition and --entry" in result.line


def test_init_writes_a_template_once(dssd: Callable, tmp_path: Path) -> None:
    target = tmp_path / "mine" / "entry.yaml"
    result = dssd("package", "--init", target)
    assert result.code == 0
    assert result.err.splitlines()[-1] == (
        f"next: dssd package RUN --edition YEAR --entry {target}"
    )
    text = target.read_text(encoding="utf-8")
    assert "last_name:" in text
    target.write_text("filled in", encoding="utf-8")
    result = dssd("package", "--init", target)
    assert result.code == 2
    assert f"{target}: is there already" in result.line
    assert target.read_text(encoding="utf-8") == "filled in"


def test_a_missing_entry_is_named(dssd: Callable, finished_run: Path, tmp_path: Path) -> None:
    result = dssd(
        *("package", finished_run, "--edition", 2022),
        *("--entry", tmp_path / "none.yaml", "--out", tmp_path / "out"),
    )
    assert result.code == 2
    assert str(tmp_path / "none.yaml") in result.line
    assert not (tmp_path / "out").exists()


def test_the_report_goes_where_it_is_told(
    dssd: Callable, finished_run: Path, tmp_path: Path
) -> None:
    target = tmp_path / "page.html"
    result = dssd("report", finished_run, "--output", target)
    assert result.code == 0
    assert str(target) in result.err
    assert "<html" in target.read_text(encoding="utf-8")
