import pandas as pd

from dssd_tf.pipeline.sweep.brief import brief_markdown

TABLE = pd.DataFrame(
    {
        "configuration": ["base", "wide", "wide"],
        "system": ["int8", "int8", "float"],
        "macro_accuracy": [0.7, 0.7512, 0.76],
        "log_loss": [0.9, 0.956, 0.8],
        "parameters": [45164, 140748, None],
        "macs": [2.56e6, 9e6, None],
    }
)


def test_means_in_percent_and_millions() -> None:
    lines = brief_markdown(TABLE, system="int8", sort="macro_accuracy").splitlines()
    assert lines[0] == "| configuration | macro accuracy | log loss | parameters | MACs |"
    assert lines[2:] == [
        "| `wide` | 75.1 % | 0.96 | 140,748 | 9.0 M |",
        "| `base` | 70.0 % | 0.90 | 45,164 | 2.6 M |",
    ]


def test_several_systems_are_told_apart() -> None:
    lines = brief_markdown(TABLE, only=["wide"]).splitlines()
    assert lines[2:] == [
        "| `wide` | int8 | 75.1 % | 0.96 | 140,748 | 9.0 M |",
        "| `wide` | float | 76.0 % | 0.80 |  |  |",
    ]


def test_devices_and_latency_where_they_were_measured() -> None:
    measured = TABLE.assign(
        seen_accuracy=0.8, unseen_accuracy=[0.5, 0.6, None], latency_ms=[1.234, None, 2.0]
    )
    lines = brief_markdown(measured, system="int8").splitlines()
    assert lines[0].startswith("| configuration | macro accuracy | unseen devices | log loss |")
    assert lines[0].endswith("| MACs | latency, ms |")
    assert lines[2:] == [
        "| `base` | 70.0 % | 50.0 % | 0.90 | 45,164 | 2.6 M | 1.23 |",
        "| `wide` | 75.1 % | 60.0 % | 0.96 | 140,748 | 9.0 M |  |",
    ]
    assert "unseen" not in brief_markdown(TABLE.assign(unseen_accuracy=0.5))
