from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dssd_tf.challenge import Fault, validate

META = "task1/Doe_EXAMPLE_task1_1/Doe_EXAMPLE_task1_1.meta.yaml"


@pytest.fixture
def check(
    make_package: Callable[[int], Path], rewrite: Callable[..., Path], files: list[str]
) -> Callable[..., list[Fault]]:
    """Faults of an edition's golden package with a changed meta file."""

    def check(year: int, change: Callable[[Any], Any], **data: Any) -> list[Fault]:
        def edit(content: dict[str, bytes]) -> None:
            meta = yaml.safe_load(content[META])
            meta = change(meta) or meta
            content[META] = meta if isinstance(meta, bytes) else yaml.safe_dump(meta).encode()

        package = rewrite(make_package(year), edit)
        return validate(package, year, **{"files": files, **data})

    return check


def _set(path: str, value: Any) -> Callable[[Any], None]:
    def change(meta: Any) -> None:
        *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        for key in parents:
            meta = meta[key]
        if value is KeyError:
            del meta[last]
        else:
            meta[last] = value

    return change


RESULTS = "results.development_dataset"


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ("submission.label", "Doe_EXAMPLE_task1_2", None, "differs from the folder's"),
        ("submission.label", "Doe_task1_1", None, "the label has 3 parts"),
        ("submission.label", KeyError, None, "is missing"),
        ("submission.abbreviation", "ABCDEFGHIJK", None, "11 characters, at most 10"),
        ("submission.authors", [], None, "not a list with at least one item"),
        ("submission.authors.0.email", KeyError, None, "is missing"),
        ("submission.authors.0.affiliation", "Institute", None, "not keys abbreviation"),
        ("submission.authors.0.corresponding", False, "submission.authors.corresponding", "0 corr"),
        ("submission.authors.0.corresponding", "yes", None, "not true or false"),
        ("system.description", KeyError, None, "is missing"),
        ("system.description.framework", None, None, "is None (NoneType), not text"),
        ("system.description.pipeline", 3, None, "is 3 (int), not text"),
        ("system.complexity.total_parameters", "46 k", None, "not a whole number"),
        ("system.complexity.total_parameters", True, None, "not a whole number"),
        ("system.complexity.total_parameters", -1, None, "not a whole number"),
        ("system.complexity.total_parameters", 128_001, None, "over the limit of 128,000"),
        ("system.complexity.macs", 29.4, None, "not a whole number"),
        ("system.external_datasets.0.url", KeyError, None, "is missing"),
        ("system.external_datasets.0.total_audio_length", "1 h", None, "not a number"),
        (RESULTS, KeyError, None, "is missing"),
        (RESULTS, 50.0, None, "not result groups"),
        (f"{RESULTS}.overall.accuracy", 0.5, None, "looks like a fraction"),
        (f"{RESULTS}.class_wise.bus", KeyError, None, "is missing"),
    ],
)
def test_a_wrong_value_is_told_with_its_key(
    check: Callable[..., list[Fault]], path: str, value: Any, field: str | None, reason: str
) -> None:
    faults = check(2022, _set(path, value))
    told = [fault.message for fault in faults if fault.field == (field or path)]
    assert any(reason in message for message in told), faults
    assert {fault.file for fault in faults} == {META}


def test_two_corresponding_authors_are_told(check: Callable[..., list[Fault]]) -> None:
    def change(meta: Any) -> None:
        meta["submission"]["authors"] *= 2

    faults = check(2022, change)
    assert [fault.message for fault in faults] == ["2 corresponding authors, not exactly one"]


def test_a_misspelt_key_is_told_with_its_likely_form(check: Callable[..., list[Fault]]) -> None:
    def change(meta: Any) -> None:
        table = meta["system"]["complexity"]
        table["total_model_sizes"] = table.pop("total_model_size")

    faults = check(2024, change)
    assert [fault.field for fault in faults] == ["system.complexity.total_model_size"]
    assert "is it 'total_model_sizes'?" in faults[0].message


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("system.complexity.total_model_size", 128_001, "over the limit of 128,000"),
        (f"{RESULTS}.split_25", KeyError, "results of split_25 are missing"),
    ],
)
def test_2024_has_its_own_keys(
    check: Callable[..., list[Fault]], path: str, value: Any, reason: str
) -> None:
    faults = check(2024, _set(path, value))
    assert any(fault.field == path and reason in fault.message for fault in faults), faults


def test_with_other_classes_a_missing_group_is_no_fault(
    make_package: Callable[[int], Path], check: Callable[..., list[Fault]]
) -> None:
    change = _set(f"{RESULTS}.device_wise", KeyError)
    faults = check(2022, change, classes=["bus", "park"])
    assert META not in {fault.file for fault in faults}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a: &a [*a]", "contains itself"),
        (b"submission: [", "not valid YAML"),
        (b"!!python/object/apply:os.getcwd []", "not valid YAML"),
        (b"- 1", "not keys submission"),
        (b"a: 1", "is missing"),
    ],
)
def test_a_meta_file_that_is_no_mapping_is_a_fault(
    check: Callable[..., list[Fault]], data: bytes, reason: str
) -> None:
    faults = check(2022, lambda meta: data)
    assert any(reason in fault.message for fault in faults), faults


@pytest.mark.parametrize("path", [f"{RESULTS}.device_wise.s6", f"{RESULTS}.device_wise"])
def test_a_device_may_only_miss_in_other_data(check: Callable[..., list[Fault]], path: str) -> None:
    official = check(2022, _set(path, KeyError), files=None)
    assert [fault.message for fault in official if fault.field == path] == ["is missing"]
    assert check(2022, _set(path, KeyError)) == []
