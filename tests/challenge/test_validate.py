import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.challenge import load_edition, validate
from dssd_tf.errors import PackageError

OUTPUT = "task1/Doe_EXAMPLE_task1_1/Doe_EXAMPLE_task1_1.output.csv"


@pytest.mark.parametrize("year", [2022, 2024])
def test_a_golden_package_has_no_faults(
    make_package: Callable[[int], Path], files: list[str], year: int
) -> None:
    package = make_package(year)
    assert validate(package, year, files=files) == []
    assert validate(package, load_edition(year), files=[f"audio/{name}" for name in files]) == []


def test_the_official_set_is_the_default(make_package: Callable[[int], Path]) -> None:
    faults = validate(make_package(2022), 2022)
    assert {(fault.file, fault.field) for fault in faults} == {
        (OUTPUT, "rows"),
        (OUTPUT, "filename"),
    }
    assert {fault.expected for fault in faults} == {"118800", "0.wav … 118799.wav, once each"}


def test_one_output_file_is_checked_alone(
    make_package: Callable[[int], Path], files: list[str], tmp_path: Path
) -> None:
    with zipfile.ZipFile(make_package(2022)) as archive:
        data = archive.read(OUTPUT)
    path = tmp_path / "any name.csv"
    path.write_bytes(data)
    assert validate(path, 2022, files=files) == []
    path.write_bytes(data.replace(b"\n3.wav", b"\n2.wav"))
    faults = validate(path, 2022, files=files)
    assert [(fault.file, fault.row) for fault in faults] == [("any name.csv", 5), (path.name, None)]
    assert str(faults[0]) == "any name.csv:5: filename: '2.wav' is a duplicate of an earlier row"


def test_a_missing_file_and_an_unknown_year_are_errors(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"none\.csv: cannot be read"):
        validate(tmp_path / "none.csv", 2022)
    with pytest.raises(PackageError, match="unknown edition 1999"):
        validate(tmp_path / "none.csv", 1999)


def test_the_room_needs_no_tensorflow() -> None:
    code = "import sys, dssd_tf.challenge; sys.exit('tensorflow' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
