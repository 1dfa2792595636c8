import csv

import numpy as np
import pytest
import soundfile


@pytest.fixture(scope="module")
def main(run_tool):
    return run_tool("features")["main"]


def test_table_names_every_method_and_the_parity(main, tmp_path, capsys):
    table = tmp_path / "features.csv"
    assert main(["--clips", "2", "--rounds", "2", "--seconds", "0.2", "--csv", str(table)]) == 0
    shown = capsys.readouterr().out
    with table.open(newline="") as file:
        rows = {row["method"]: row for row in csv.DictReader(file)}
    assert len(rows) == 5 and all(name in shown for name in rows)
    assert float(rows["dssd_tf"]["ratio_to_dssd_tf"]) == 1
    assert all(float(row["milliseconds"]) > 0 for row in rows.values())
    difference = float(shown.split("librosa in float64:")[1].split()[0])
    assert 0 < difference < 1e-5


def test_recordings_are_read_from_a_folder(main, tmp_path, capsys):
    noise = np.random.default_rng(0).normal(0, 0.1, (22050, 2))
    soundfile.write(tmp_path / "noise.wav", noise, 22050)
    options = ["--clips", "3", "--rounds", "1", "--seconds", "0.5", "--audio", str(tmp_path)]
    assert main(options) == 0
    assert "1 clips of 0.5 s" in capsys.readouterr().out


def test_a_folder_without_recordings_is_named(main, tmp_path, capsys):
    assert main(["--audio", str(tmp_path)]) == 2
    assert f"{tmp_path}: holds no .wav" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--clips", "0"], ["--seconds", "-1"], ["--rounds", "x"]])
def test_senseless_counts_are_refused(main, option, capsys):
    with pytest.raises(SystemExit) as refused:
        main(option)
    assert refused.value.code == 2 and option[0] in capsys.readouterr().err
