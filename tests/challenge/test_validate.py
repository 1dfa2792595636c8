import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.challenge import validate
from dssd_tf.errors import PackageError

OUTPUT = "task1/Doe_EXAMPLE_task1_1/Doe_EXAMPLE_task1_1.output.csv"


def test_the_official_set_is_the_default(make_package: Callable[[int], Path]) -> None:
    (fault,) = validate(make_package(2022), 2022)
    assert (fault.file, fault.field, fault.found) == (OUTPUT, "filename", "30 rows")
    assert fault.expected == "0.wav … 118799.wav, once each"
    assert fault.message == ("has no row for 118770 of 118800 files (30.wav, 31.wav, 32.wav, …)")


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


@pytest.mark.parametrize("name", ["pipe", "pipe.csv", "pipe.zip"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(PackageError, match=f"{name}: is not a regular file"):
        validate(tmp_path / name, 2022)


def test_a_name_that_is_too_long_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="cannot be read"):
        validate(tmp_path / ("x" * 300), 2022)


def test_the_room_needs_no_tensorflow() -> None:
    code = "import sys, dssd_tf.challenge; sys.exit('tensorflow' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
