import csv

import pytest

from dssd_tf.errors import DssdError
from dssd_tf.machine import machine_line


@pytest.fixture(scope="module")
def table(run_tool):
    return run_tool("table")


def test_the_line_of_the_machine_is_the_package_s(table):
    assert table["machine_line"]("one thread") == machine_line("one thread")


def test_rows_are_read_back(table, tmp_path):
    path, rows = tmp_path / "t.csv", [{"method": "a, b", "time": 1.5}, {"method": "c", "time": 2}]
    table["write_csv"](path, rows)
    with path.open(newline="") as file:
        assert list(csv.DictReader(file)) == [{k: str(v) for k, v in row.items()} for row in rows]
    assert b"\r" not in path.read_bytes()


def test_a_row_with_another_column_is_refused(table, tmp_path):
    with pytest.raises(ValueError, match="speed"):
        table["write_csv"](tmp_path / "t.csv", [{"method": "a"}, {"method": "b", "speed": 1}])
    assert not (tmp_path / "t.csv").exists()


def test_a_path_that_cannot_be_written_is_named(table, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DssdError, match="file"):
        table["write_csv"](tmp_path / "file" / "t.csv", [{"method": "a"}])
