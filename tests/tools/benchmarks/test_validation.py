import csv

import pytest


@pytest.fixture(scope="module")
def main(run_tool):
    return run_tool("validation")["main"]


def test_table_has_both_steps_with_their_peaks(main, tmp_path, capsys):
    table = tmp_path / "validation.csv"
    options = ["--edition", "2022", "--rows", "50", "--rounds", "1", "--csv", str(table)]
    assert main(options) == 0
    shown = capsys.readouterr().out
    assert "2022, 1 x 50 rows" in shown and "1 rounds" in shown
    with table.open(newline="") as file:
        rows = {row["step"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"write", "validate"} and all(step in shown for step in rows)
    for row in rows.values():
        assert 0 < float(row["best_seconds"]) <= float(row["seconds"]) < 60
        # Python and pandas alone take tens of MiB.
        assert 20 < float(row["before_mib"]) <= float(row["peak_mib"]) < 2000


@pytest.mark.parametrize("year", ["2021", "2023", "2024", "2025"])
def test_every_edition_has_a_package_without_faults(main, tmp_path, capsys, year):
    options = ["--edition", year, "--rows", "20", "--folder", str(tmp_path), "--step"]
    assert main([*options, "write"]) == 0
    assert main([*options, "validate"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_an_unknown_edition_is_named(main, capsys):
    assert main(["--edition", "1999"]) == 2
    assert "unknown edition 1999" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--rows", "0"], ["--rounds", "x"], ["--edition", "new"]])
def test_senseless_options_are_refused(main, option, capsys):
    with pytest.raises(SystemExit) as refused:
        main(option)
    assert refused.value.code == 2 and option[0] in capsys.readouterr().err
