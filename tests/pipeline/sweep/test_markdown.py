from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.errors import RunError
from dssd_tf.pipeline.sweep.markdown import difference_markdown, read_summary, summary_markdown

TABLE = pd.DataFrame(
    {
        "configuration": ["base", "wide", "wide"],
        "system": ["int8", "int8", "float"],
        "runs": [6, 6, 6],
        "macro_accuracy": [0.7, 0.75, 0.76],
        "macro_accuracy_sd": [0.05, 0.04, None],
        "macro_accuracy_low": [0.65, 0.7, None],
        "macro_accuracy_high": [0.74, 0.8, None],
        "log_loss": [0.9, 0.95, 0.8],
        "log_loss_sd": [0.1, 0.2, 0.1],
        "parameters": [45164, 140748, 140748],
        "macs": [2.5e6, 9e6, 9e6],
        "bytes": [71309, 150000, 560000],
    }
)


def test_a_line_a_row() -> None:
    lines = summary_markdown(TABLE).splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("| configuration | system | macro accuracy | 95 % interval |")
    assert lines[2] == (
        "| base | int8 | 0.700 ± 0.050 | 0.650 … 0.740 | 0.900 ± 0.100 | 45,164 | 2,500,000 "
        "| 71,309 | 6 |"
    )
    assert "| 0.760 |  | 0.800 ± 0.100 |" in lines[4]


def test_a_system_alone_and_the_best_first() -> None:
    lines = summary_markdown(TABLE, system="int8", sort="macro_accuracy").splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| wide", "| base"]
    lines = summary_markdown(TABLE, sort="log_loss").splitlines()
    assert "float" in lines[2]
    assert summary_markdown(TABLE, only=["wide"]).count("| wide |") == 2


def test_devices_have_columns_where_some_are_seen_and_others_not() -> None:
    unseen = {"unseen_accuracy": [0.5, 0.6, 0.7], "unseen_log_loss": [1.5, 1.6, 1.7]}
    assert "devices" not in summary_markdown(TABLE.assign(**unseen))
    found = summary_markdown(TABLE.assign(seen_accuracy=[0.8, 0.81, 0.82], **unseen))
    assert "| seen devices | 95 % interval | log loss | unseen devices |" in found
    assert "| 0.810 |  |  | 0.600 |  | 1.600 |" in found


def test_latencies_have_a_column_where_they_were_measured() -> None:
    assert "latency" not in summary_markdown(TABLE)
    found = summary_markdown(TABLE.assign(latency_ms=[1.234, 5.6, None])).splitlines()
    assert "| bytes | latency, ms | runs |" in found[0]
    assert found[2].endswith("| 71,309 | 1.23 | 6 |")
    assert found[4].endswith("| 560,000 |  | 6 |")


def test_differences_are_points_with_their_intervals() -> None:
    with pytest.raises(RunError, match=r"no differences — repeat `dssd sweep` with --against"):
        difference_markdown(TABLE)
    table = TABLE.assign(
        against="base",
        paired_runs=[0, 6, 3],
        macro_accuracy_difference=[None, 0.05, -0.0123],
        macro_accuracy_difference_sd=[None, 0.012, None],
        macro_accuracy_difference_low=[None, -0.01, None],
        macro_accuracy_difference_high=[None, 0.1, None],
        log_loss_difference=[None, -0.25, 0.0],
    )
    lines = difference_markdown(table).splitlines()
    assert "| macro accuracy less base, points | 95 % interval | log loss |" in lines[0]
    assert lines[2] == "| base | int8 |  |  |  |  | 0 |"
    assert lines[3] == "| wide | int8 | +5.0 ± 1.2 | -1.0 … +10.0 | -0.250 |  | 6 |"
    assert lines[4] == "| wide | float | -1.2 |  | +0.000 |  | 3 |"
    assert len(difference_markdown(table, system="int8").splitlines()) == 4


def test_what_is_no_summary(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such summary"):
        read_summary(tmp_path / "none.csv")
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(
        RunError, match=r"lacks the column 'configuration' — give the \.\.\._summary"
    ):
        read_summary(path)
    summary = tmp_path / "other_summary.csv"
    summary.write_text("")
    with pytest.raises(RunError, match=f"lacks the column 'configuration' — give {summary}"):
        read_summary(path)
    TABLE.to_csv(path, index=False)
    assert read_summary(path)["configuration"].to_list() == ["base", "wide", "wide"]
