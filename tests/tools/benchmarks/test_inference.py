import csv

import pytest


@pytest.fixture(scope="module")
def main(run_tool):
    return run_tool("inference")["main"]


@pytest.mark.slow
def test_table_has_both_forms_with_their_ratios(main, tmp_path, capsys):
    table = tmp_path / "inference.csv"
    options = ["baseline_2022", "--baseline", "baseline_2022", "--rounds", "3"]
    assert main([*options, "--csv", str(table)]) == 0
    shown = capsys.readouterr().out
    with table.open(newline="") as file:
        rows = {row["form"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"plain", "deploy form"} and all(form in shown for form in rows)
    assert float(rows["plain"]["plain_over_this"]) == 1
    assert rows["deploy form"]["partitions"] == "1"
    assert int(rows["deploy form"]["bytes"]) < int(rows["plain"]["bytes"])
    assert 1 < float(rows["deploy form"]["bytes_per_parameter"]) < 1.6


def test_unknown_network_is_refused_by_name(main, capsys):
    assert main(["dsmn_x"]) == 2
    assert "unknown model 'dsmn_x'" in capsys.readouterr().err
