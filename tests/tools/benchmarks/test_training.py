import csv
import os
import stat

import pytest


@pytest.fixture(scope="module")
def main(run_tool):
    return run_tool("training")["main"]


@pytest.fixture(autouse=True)
def same_threads(monkeypatch):
    """What the tool sets for its own process ends with the test."""
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))


@pytest.mark.slow
def test_table_has_a_row_a_method(main, tmp_path, capsys):
    table = tmp_path / "training.csv"
    options = ["--model", "baseline_2022", "--batch-size", "2", "--rounds", "2"]
    options += ["--leave-out", "Keras, XLA", "--csv", str(table)]
    assert main(options) == 0
    shown = capsys.readouterr().out
    with table.open(newline="") as file:
        rows = {row["method"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"dssd_tf: fused", "dssd_tf: shifted, XLA", "Keras, plain"}
    assert all(name in shown for name in rows) and "freed memory handed back" in shown
    assert float(rows["dssd_tf: fused"]["time_ratio"]) == 1
    for row in rows.values():
        speed = 2e3 / float(row["milliseconds"])
        assert float(row["images_per_second"]) == pytest.approx(speed, rel=0.1)
        # The first step traces, and compiles where XLA does.
        assert float(row["first_step_seconds"]) > 0


@pytest.mark.slow
def test_a_python_without_torch_is_named(main, tmp_path, capsys):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no torch here' >&2\nexit 1\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    options = ["--batch-size", "2", "--rounds", "1", "--torch-python", str(broken)]
    for method in ("dssd_tf: shifted, XLA", "Keras, plain", "Keras, XLA"):
        options += ["--leave-out", method]
    assert main(options) == 0
    told = capsys.readouterr()
    assert f"{broken}: torch was not measured (no torch here)" in told.err
    assert "PyTorch" not in told.out


def test_an_unknown_network_is_named(main, capsys):
    assert main(["--model", "dsmn_q"]) == 2
    assert "unknown model 'dsmn_q'" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--rounds", "0"], ["--threads", "x"], ["--leave-out", "y"]])
def test_senseless_options_are_refused(main, option, capsys):
    with pytest.raises(SystemExit) as refused:
        main(option)
    assert refused.value.code == 2 and option[0] in capsys.readouterr().err
