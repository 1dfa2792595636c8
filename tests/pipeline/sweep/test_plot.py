from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from dssd_tf.errors import RunError
from dssd_tf.pipeline.sweep.plot import plot_summary

NAMES = [f"network_{index}" for index in range(6)]
TABLE = pd.DataFrame(
    {
        "configuration": NAMES,
        "system": "int8",
        # Two close together, whose names must not lie on each other.
        "macs": [2e6, 2.05e6, 5e6, 8e6, 9e6, 30e6],
        "parameters": [45e3, 45e3, 60e3, 1e5, 1.1e5, 4e4],
        "macro_accuracy": [0.7, 0.7, 0.72, 0.8, 0.81, 0.75],
        "macro_accuracy_low": 0.66,
        "macro_accuracy_high": 0.84,
    }
)


def _texts(path: Path) -> list[str]:
    found = ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(element.itertext()) for element in found]


def test_every_row_is_named_and_the_axes_tell_what_they_are(tmp_path: Path) -> None:
    plot_summary(TABLE, tmp_path / "plot.svg")
    texts = _texts(tmp_path / "plot.svg")
    assert set(NAMES) <= set(texts)
    assert {"macro accuracy, %", "multiply-adds of a clip, millions"} <= set(texts)
    plot_summary(TABLE, tmp_path / "plot.svg", cost="parameters")
    assert "parameters, thousands" in _texts(tmp_path / "plot.svg")


def test_the_same_table_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        plot_summary(TABLE, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_a_png_without_intervals(tmp_path: Path) -> None:
    table = TABLE.drop(columns=["macro_accuracy_low", "macro_accuracy_high"])
    plot_summary(table, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("table", "settings", "message"),
    [
        (TABLE, {"score": "seen_accuracy"}, "no row has macs and seen_accuracy"),
        (TABLE, {"cost": "seconds"}, "'seconds' cannot be drawn"),
        (TABLE, {"system": "float"}, "no row has macs and macro_accuracy"),
        (TABLE.assign(macs=None), {}, "no row has macs and macro_accuracy"),
        (
            pd.concat([TABLE, TABLE]),
            {},
            "several systems in one picture",
        ),
    ],
)
def test_what_cannot_be_drawn(
    tmp_path: Path, table: pd.DataFrame, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(RunError, match=message):
        plot_summary(table, tmp_path / "plot.svg", **settings)
    assert list(tmp_path.iterdir()) == []


def test_another_suffix(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"suffix '\.pdf'.*end it in \.svg or \.png"):
        plot_summary(TABLE, tmp_path / "plot.pdf")
