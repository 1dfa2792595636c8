from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from dssd_tf.challenge import Fault
from dssd_tf.challenge.validate_rows import check_rows

CLASSES = ["airport", "bus", "tram"]
NAMES = [f"{number}.wav" for number in range(30)]
VALUES = np.random.default_rng(0).dirichlet(np.ones(3), size=30)


@pytest.fixture
def table() -> pd.DataFrame:
    """Good rows as text, so that any field may hold anything; 0.wav stands on line 2."""
    printed = {name: [f"{v:.9f}" for v in VALUES[:, i]] for i, name in enumerate(CLASSES)}
    labels = [CLASSES[best] for best in VALUES.argmax(axis=1)]
    return pd.DataFrame({"filename": NAMES, "scene_label": labels} | printed, dtype=object)


@pytest.fixture
def check() -> Callable[..., list[Fault]]:
    def check(table: pd.DataFrame, numbered: bool = True) -> list[Fault]:
        lines = np.arange(2, len(table) + 2)
        return check_rows("o.csv", table, lines, CLASSES, NAMES, numbered=numbered)

    return check


Check = Callable[..., list[Fault]]


def _told(faults: list[Fault]) -> list[tuple[str, int | None]]:
    assert {fault.file for fault in faults} <= {"o.csv"}
    return [(fault.field, fault.row) for fault in faults]


@pytest.mark.parametrize("numbered", [False, True])
def test_good_rows_have_no_faults(table: pd.DataFrame, check: Check, numbered: bool) -> None:
    assert check(table, numbered) == []
    assert check(table.astype(dict.fromkeys(CLASSES, float)), numbered) == []
    assert check(table.sample(frac=1, random_state=0), numbered) == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("nan", "'nan' is not a finite number"),
        ("inf", "'inf' is not a finite number"),
        ("", "'' is not a finite number"),
        ("0,5", "'0,5' is not a finite number"),
        ("-0.1", "-0.1 is out of range [0, 1]"),
        ("1.5", "1.5 is out of range [0, 1]"),
    ],
)
def test_a_value_that_is_no_probability(
    table: pd.DataFrame, check: Check, value: str, reason: str
) -> None:
    table.loc[7, "bus"] = value
    (fault,) = check(table)
    assert (fault.field, fault.row, fault.message) == ("bus", 9, reason)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("buss", "'buss' is no class, did you mean 'bus'?"),
        ("", "'' is no class"),
        ("BUS", "'BUS' is no class"),
    ],
)
def test_a_label_that_is_no_class(
    table: pd.DataFrame, check: Check, value: str, reason: str
) -> None:
    table.loc[7, "scene_label"] = value
    (fault,) = check(table)
    assert (fault.field, fault.row) == ("scene_label", 9)
    assert fault.message.startswith(reason)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("audio/7.wav", "'audio/7.wav' holds a folder; write the base name"),
        ("a\\7.wav", "'a\\7.wav' holds a folder; write the base name"),
        ("7.mp3", "'7.mp3' does not end in .wav"),
        ("30.wav", "'30.wav' is out of range 0 … 29"),
        ("-1.wav", "'-1.wav' is out of range 0 … 29"),
        ("07.wav", "'07.wav' has a sign or leading zeros"),
        ("-0.wav", "'-0.wav' has a sign or leading zeros"),
        ("seven.wav", "'seven.wav' is not numbered; the stem must be an integer"),
        (".wav", "'.wav' is not numbered; the stem must be an integer"),
    ],
)
def test_a_name_that_is_not_wanted(
    table: pd.DataFrame, check: Check, name: str, reason: str
) -> None:
    table.loc[7, "filename"] = name
    wrong, *missing = check(table)
    assert (wrong.field, wrong.row, wrong.message) == ("filename", 9, reason)
    # Where it is clear which file is meant, that it is missing is no fault of its own.
    assert [fault.message for fault in missing] == [
        "has no row for 1 of 30 files (7.wav)" for _ in range("7." not in name)
    ]


def test_a_name_of_other_data_is_only_not_among_them(table: pd.DataFrame, check: Check) -> None:
    table.loc[7, "filename"] = "seven.wav"
    wrong, missing = check(table, numbered=False)
    assert wrong.message == "'seven.wav' is not among the 30 evaluation files"
    assert wrong.expected == missing.expected == "each file once"


def test_a_name_of_other_data_in_another_form_is_not_missing_too() -> None:
    table = pd.DataFrame({"filename": ["a-b.mp3", "x/c.wav"], "scene_label": "airport"})
    table = table.assign(airport=1.0, bus=0.0, tram=0.0)
    names = ["a-b.wav", "c.wav"]
    faults = check_rows("o.csv", table, np.array([2, 3]), CLASSES, names, numbered=False)
    assert [fault.message for fault in faults] == [
        "'a-b.mp3' does not end in .wav",
        "'x/c.wav' holds a folder; write the base name",
    ]


def test_a_name_given_twice(table: pd.DataFrame, check: Check) -> None:
    table.loc[7, "filename"] = "6.wav"
    twice, missing = check(table)
    assert (twice.row, twice.message) == (9, "'6.wav' is a duplicate of an earlier row")
    assert missing.message == "has no row for 1 of 30 files (7.wav)"


def test_rows_that_lack_and_rows_too_many(table: pd.DataFrame, check: Check) -> None:
    (missing,) = check(table.drop(index=[4, 5, 6, 7]))
    assert missing.message == "has no row for 4 of 30 files (4.wav, 5.wav, 6.wav, …)"
    assert missing.found == "26 rows"
    (twice,) = check(pd.concat([table, table.iloc[:1]], ignore_index=True))
    assert (twice.row, twice.message) == (32, "'0.wav' is a duplicate of an earlier row")


def test_no_rows_at_all(table: pd.DataFrame, check: Check) -> None:
    assert _told(check(table.iloc[:0])) == [("filename", None)]


def test_a_file_of_a_broken_row_is_not_missing(table: pd.DataFrame) -> None:
    rest, lines = table.drop(index=[4, 5]), np.delete(np.arange(2, 32), [4, 5])
    faults = check_rows("o.csv", rest, lines, CLASSES, NAMES, numbered=True, broken=["4.wav", ""])
    assert [fault.message for fault in faults] == ["has no row for 1 of 30 files (5.wav)"]
    assert faults[0].found == "30 rows"


def test_sums_are_one_within_the_tolerance(table: pd.DataFrame, check: Check) -> None:
    table.loc[2, CLASSES] = ["0.9", "0.05", "0.049991"]
    table.loc[3, CLASSES] = ["0.9", "0.05", "0.04998"]
    table.loc[4, CLASSES] = ["1", "1", "1"]
    table.loc[[2, 3, 4], "scene_label"] = "airport"
    faults = check(table)
    assert _told(faults) == [("sum", 5), ("sum", 6)]
    assert faults[0].message == "probabilities sum to 0.99998, not 1; print at least 6 decimals"
    assert faults[1].message == "probabilities sum to 3, not 1"


def test_six_decimals_are_enough(table: pd.DataFrame, check: Check) -> None:
    for i, name in enumerate(CLASSES):
        table[name] = [f"{value:.6f}" for value in VALUES[:, i]]
    assert check(table) == []


def test_a_label_that_is_not_the_best(table: pd.DataFrame, check: Check) -> None:
    worst = CLASSES[VALUES[4].argmin()]
    table.loc[4, "scene_label"] = worst
    (fault,) = check(table)
    assert (fault.field, fault.row, fault.found) == ("scene_label", 6, worst)
    assert fault.message == f"'{worst}' is not the arg-max '{CLASSES[VALUES[4].argmax()]}'"


@pytest.mark.parametrize(("label", "faults"), [("airport", 0), ("bus", 0), ("tram", 1)])
def test_any_of_the_tied_best_classes_may_be_stated(
    table: pd.DataFrame, check: Check, label: str, faults: int
) -> None:
    table.loc[4, ["scene_label", *CLASSES]] = [label, "0.45", "0.45", "0.1"]
    assert len(check(table)) == faults


def test_a_row_with_a_value_that_is_none_is_judged_no_further(
    table: pd.DataFrame, check: Check
) -> None:
    table.loc[4, ["scene_label", *CLASSES]] = ["tram", "0.9", "nan", "0.3"]
    assert _told(check(table)) == [("bus", 6)]


def test_faults_of_one_kind_are_capped_with_a_count(table: pd.DataFrame, check: Check) -> None:
    table["bus"] = "nan"
    faults = check(table)
    assert [fault.row for fault in faults] == [*range(2, 22), None]
    assert faults[-1].message == "10 more rows of the same kind, the last on line 31"
    assert faults[-1].found == "30 rows"
