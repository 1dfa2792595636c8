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
    assert "faults" in result.err


def test_a_damaged_package_has_faults(
    dssd: Callable, package: Path, finished_run: Path, tmp_path: Path
) -> None:
    broken = tmp_path / package.name
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b"\t", b",") if name.endswith(".csv") else data)
    arguments = ("validate", broken, "--edition", "2022", "--like", finished_run)
    result = dssd(*arguments)
    assert result.code == 1
    assert ".output.csv" in result.out
    as_json = dssd(*arguments, "--json")
    assert as_json.code == 1
    faults = json.loads(as_json.out)
    assert len(faults) == len(result.out.splitlines())


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
    assert (tmp_path / "out" / package.name).read_bytes() == package.read_bytes()


@pytest.mark.parametrize("given", [[], ["run"], ["run", "--edition", "2022"]])
def test_packaging_needs_all_three(dssd: Callable, given: list[str]) -> None:
    result = dssd("package", *given)
    assert result.code == 2
    assert "RUN…, --edition and --entry" in result.line


def test_init_writes_a_template_once(dssd: Callable, tmp_path: Path) -> None:
    target = tmp_path / "mine" / "entry.yaml"
    assert dssd("package", "--init", target).code == 0
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
