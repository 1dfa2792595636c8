import math
from collections.abc import Callable
from typing import Any

import pytest

from dssd_tf.challenge import Fault, load_edition
from dssd_tf.challenge.validate_results import (
    LARGEST_LOG_LOSS,
    SMALLEST_MACS,
    check_complexity,
    check_results,
)

OLD, NEW = load_edition(2022), load_edition(2024)
CLASSES, DEVICES = OLD.classes.value, OLD.meta.devices.value


@pytest.fixture
def table() -> dict[str, Any]:
    """A complexity that may be, with the keys of both editions."""
    return {
        "total_parameters": 46_246,
        "total_parameters_non_zero": 46_111,
        "total_model_size": 46_512,
        "memory_use": 65_280,
        "macs": 29_234_920,
    }


@pytest.fixture
def group() -> dict[str, Any]:
    """Results that may be: 50 % in all."""

    def scores() -> dict[str, float]:
        return {"accuracy": 50.0, "logloss": 1.25}

    return {
        "overall": scores(),
        "class_wise": {name: scores() for name in CLASSES},
        "device_wise": {name: scores() for name in DEVICES},
    }


@pytest.fixture
def told(group: dict[str, Any]) -> Callable[..., list[tuple[str, str]]]:
    """Key below the group and message of each fault in the results of 2022."""

    def told(classes: list[str] | None = None, official: bool = True) -> list[tuple[str, str]]:
        faults = check_results("m.yaml", group, OLD, classes, official=official)
        root = "results.development_dataset."
        assert {(f.file, f.row) for f in faults} <= {("m.yaml", None)}
        return [(fault.field.removeprefix(root), fault.message) for fault in faults]

    return told


Told = Callable[..., list[tuple[str, str]]]


def _complexity(table: Any, edition: Any = NEW) -> list[tuple[str, str]]:
    faults = check_complexity("m.yaml", table, edition)
    return [(f.field.removeprefix("system.complexity."), f.message) for f in faults]


@pytest.mark.parametrize("edition", [OLD, NEW], ids=lambda edition: str(edition.year))
def test_a_complexity_that_may_be(table: dict[str, Any], edition: Any) -> None:
    assert _complexity(table, edition) == []
    for limit in edition.limits:
        table[limit.meta_key] = limit.value
    assert _complexity(table, edition) == []


@pytest.mark.parametrize(
    ("edition", "key", "value", "message"),
    [
        (OLD, "total_parameters", 128_001, "128,001 parameters is over the limit of 128,000"),
        (OLD, "macs", 30_000_001, "30,000,001 macs is over the limit of 30,000,000"),
        (NEW, "total_model_size", 128_001, "128,001 bytes is over the limit of 128,000"),
        (NEW, "memory_use", 0, "0 is not plausible"),
        (NEW, "macs", 0, "0 is not plausible"),
        (NEW, "macs", SMALLEST_MACS - 1, "looks like millions or thousands; write the plain count"),
        (NEW, "total_parameters_non_zero", 46_247, "is more than all 46246 parameters"),
        (NEW, "total_model_size", 46, "is under one bit for each of 46246 parameters"),
    ],
)
def test_a_number_that_cannot_be(
    table: dict[str, Any], edition: Any, key: str, value: int, message: str
) -> None:
    table[key] = value
    assert _complexity(table, edition) == [(key, message)]


@pytest.mark.parametrize("value", [None, "many", True, -1, 10**400, float("nan"), float("inf")])
def test_what_is_no_number_is_left_to_the_check_of_the_keys(
    table: dict[str, Any], value: Any
) -> None:
    assert _complexity(dict.fromkeys(table, value)) == []
    assert _complexity({}) == []
    assert _complexity(value) == []


def test_results_that_may_be(told: Told) -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("accuracy", 0.5, "0.5 looks like a fraction; write percent"),
        ("accuracy", 51.1, "51.1 is not the mean over the classes, 50.00"),
        ("accuracy", 100.5, "100.5 is out of range 0 … 100"),
        ("accuracy", "50 %", "is 50 % (str), not a number"),
        ("accuracy", True, "is True (bool), not a number"),
        ("logloss", float("nan"), "is nan (float), not a number"),
        ("logloss", -0.1, f"-0.1 is out of range 0 … {LARGEST_LOG_LOSS}"),
        ("logloss", 35, f"35 is out of range 0 … {LARGEST_LOG_LOSS}"),
        ("logloss", None, "is null, not a number"),
    ],
)
def test_an_overall_score_that_cannot_be(
    told: Told, group: dict[str, Any], key: str, value: Any, message: str
) -> None:
    group["overall"][key] = value
    assert (f"overall.{key}", message) in told()


def test_a_score_beyond_any_float_is_out_of_range(told: Told, group: dict[str, Any]) -> None:
    group["class_wise"]["bus"]["accuracy"] = 10**5000
    ((key, message),) = told()
    assert key == "class_wise.bus.accuracy"
    assert message == "int too long to print is out of range 0 … 100"


@pytest.mark.parametrize("accuracy", [49.0, 51.0])
def test_rounding_may_move_the_mean(told: Told, group: dict[str, Any], accuracy: float) -> None:
    group["overall"]["accuracy"] = accuracy
    assert told() == []


def test_the_largest_log_loss_is_that_of_the_clip(told: Told, group: dict[str, Any]) -> None:
    group["overall"]["logloss"] = LARGEST_LOG_LOSS
    assert told() == []
    assert -math.log(1e-15) == pytest.approx(LARGEST_LOG_LOSS, abs=0.01)


@pytest.mark.parametrize("key", ["accuracy", "logloss"])
def test_a_score_that_lacks(told: Told, group: dict[str, Any], key: str) -> None:
    del group["class_wise"]["bus"][key]
    assert told() == [(f"class_wise.bus.{key}", "is missing")]


@pytest.mark.parametrize(
    ("value", "message"), [(None, "is missing"), (50.0, "is 50.0, not two scores")]
)
def test_scores_that_are_none(told: Told, group: dict[str, Any], value: Any, message: str) -> None:
    group["device_wise"]["s6"] = value
    assert told() == [("device_wise.s6", message)]


@pytest.mark.parametrize(
    ("value", "message"), [(None, "is missing"), ("all", "is all, not a table of scores")]
)
def test_a_table_that_is_none(told: Told, group: dict[str, Any], value: Any, message: str) -> None:
    group["class_wise"] = value
    assert told() == [("class_wise", message)]


def test_a_class_under_another_name_is_told_with_it(told: Told, group: dict[str, Any]) -> None:
    group["class_wise"]["trams"] = group["class_wise"].pop("tram")
    assert told() == [("class_wise.tram", "is missing, is it 'trams'?")]


def test_of_other_data_only_what_is_there_is_judged(told: Told, group: dict[str, Any]) -> None:
    del group["device_wise"]["s6"]
    assert told() == [("device_wise.s6", "is missing")]
    assert told(official=False) == []
    group["device_wise"]["a"]["accuracy"] = 101.0
    assert [key for key, _ in told(official=False)] == ["device_wise.a.accuracy"]
    del group["device_wise"]
    assert told(official=False) == []


def test_other_classes_need_not_all_be_there(told: Told, group: dict[str, Any]) -> None:
    del group["class_wise"]["bus"]
    assert told(classes=["bus", "park"], official=False) == []
    # All of them are: then the mean counts.
    group["overall"]["accuracy"] = 80.0
    assert told(classes=["park"], official=False) == [
        ("overall.accuracy", "80.0 is not the mean over the classes, 50.00")
    ]


@pytest.mark.parametrize("groups", [None, 50.0, []])
def test_what_is_no_group_is_left_to_the_check_of_the_keys(groups: Any) -> None:
    assert check_results("m.yaml", groups, OLD, None, official=True) == []


def test_every_split_has_its_group(group: dict[str, Any]) -> None:
    groups = {f"split_{split}": group for split in NEW.splits.value}
    assert check_results("m.yaml", groups, NEW, None, official=True) == []
    del groups["split_25"]
    groups["split_50"] = {**group, "overall": {"accuracy": 0.42, "logloss": 1.0}}
    faults = check_results("m.yaml", groups, NEW, None, official=True)
    assert faults[0] == Fault(
        "m.yaml",
        None,
        "results.development_dataset.split_25",
        "",
        "a result group",
        "the results of split_25 are missing",
    )
    assert {f.field for f in faults[1:]} == {
        "results.development_dataset.split_50.overall.accuracy"
    }
