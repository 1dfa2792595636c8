from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.cli.commands.bank.training_list import read_training_list
from dssd_tf.errors import DssdError


def test_nothing_is_held_out(synthetic_set: Path, train: pd.DataFrame) -> None:
    dataset = read_training_list(synthetic_set, None, None)
    assert sorted(dataset.train["filename"]) == sorted(train["filename"])
    assert dataset.validation.empty
    assert len(dataset.test) > 0


def test_a_fold_or_split_is_read_by_its_number(synthetic_set: Path, copied_set: Path) -> None:
    setup = copied_set / "evaluation_setup"
    rows = (setup / "fold1_train.csv").read_text().splitlines()
    one_a_scene = {row.split("\t")[1]: row for row in rows[1:]}.values()
    (setup / "split5.csv").write_text("\n".join([rows[0], *one_a_scene]) + "\n")
    (setup / "test.csv").write_text((setup / "fold1_evaluate.csv").read_text())
    dataset = read_training_list(copied_set, None, 5)
    assert sorted(dataset.train["filename"]) == sorted(row.split("\t")[0] for row in one_a_scene)
    with pytest.raises(DssdError, match="fold7_train"):
        read_training_list(synthetic_set, 7, None)


def test_a_leak_within_the_lists_is_no_error(
    copied_set: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup = copied_set / "evaluation_setup"
    (setup / "fold1_evaluate.csv").write_text((setup / "fold1_train.csv").read_text())
    dataset = read_training_list(copied_set, 1, None)
    assert set(dataset.train["recording"]) == set(dataset.test["recording"])


@pytest.mark.parametrize(
    ("fold", "split", "message"),
    [(0, None, "fold"), (-3, None, "fold"), (None, 0, "split"), (None, 101, "split")],
)
def test_a_number_out_of_range_is_one_line(
    synthetic_set: Path, fold: int | None, split: int | None, message: str
) -> None:
    with pytest.raises(DssdError, match=message) as error:
        read_training_list(synthetic_set, fold, split)
    assert "\n" not in str(error.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DssdError, match="no such data folder") as error:
        read_training_list(tmp_path / "none", 1, None)
    assert str(tmp_path / "none") in str(error.value)
