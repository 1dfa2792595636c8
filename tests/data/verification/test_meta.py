from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.data.verification.fault import DataFault
from dssd_tf.data.verification.verify import Verification, verify

Edit = Callable[[Path, Callable[[list[str]], list[str]]], None]
First = Callable[..., str]
Only = Callable[[Verification, str], DataFault]


@pytest.mark.parametrize(
    ("column", "check"),
    [
        (1, "scene_label against name"),
        (2, "identifier against name"),
        (3, "source_label against name"),
    ],
)
def test_a_column_that_disagrees_with_the_name(
    damaged: Path, column: int, check: str, edit: Edit, first: First
) -> None:
    def change(rows: list[str]) -> list[str]:
        cells = rows[6].split("\t")
        cells[column] = "s9" if column == 3 else "new_york-1"
        return [*rows[:6], "\t".join(cells), *rows[7:]]

    edit(damaged / "meta.csv", change)
    found = [f for f in verify(damaged, audio="none").faults if f.check == check]
    assert [(f.file, f.row) for f in found] == [("meta.csv", 7)]
    assert found[0].found in {"s9", "new_york-1"}
    assert found[0].expected.split(" by ")[0] in first(damaged, row=6)


def test_names_of_five_and_six_parts_do_not_mix(
    damaged: Path, edit: Edit, first: First, only: Only
) -> None:
    name = first(damaged)
    short = name.replace("-0-", "-", 1) if "-0-" in name else name
    parts = Path(name).stem.split("-")
    short = f"audio/{'-'.join([*parts[:4], parts[5]])}.wav"
    for table in ("meta.csv", "evaluation_setup/fold1_train.csv"):
        edit(damaged / table, lambda rows: [row.replace(name, short) for row in rows])
    (damaged / name).rename(damaged / short)
    fault = only(verify(damaged), "name")
    assert (fault.file, fault.row, fault.found) == ("meta.csv", 2, short)
    assert fault.expected == "scene-city-location-segment-sub-device"
