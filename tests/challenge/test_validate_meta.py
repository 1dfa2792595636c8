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


def test_a_value_of_the_wrong_type_is_told_once(check: Callable[..., list[Fault]]) -> None:
    # By its type it is no whole number, and by its size it is in millions.
    (fault,) = check(2022, _set("system.complexity.macs", 29.4))
    assert fault.message == "looks like millions or thousands; write the plain count"
    (fault,) = check(2022, _set("system.complexity.macs", True))
    assert fault.message == "is True (bool), not a whole number of at least 0"


@pytest.mark.parametrize("value", [f"{10**400:#x}", f"{16**20_000:#x}", "1.0e+300", ".inf"])
@pytest.mark.parametrize(
    "path", ["system.complexity.macs", "system.external_datasets.0.total_audio_length"]
)
def test_a_number_that_is_too_large_is_told(
    check: Callable[..., list[Fault]], path: str, value: str
) -> None:
    def change(meta: Any) -> bytes:
        _set(path, "VALUE")(meta)
        return yaml.safe_dump(meta).replace("VALUE", value).encode()

    (fault,) = check(2022, change)
    assert fault.field == path
    assert "too large" in fault.message


def test_either_label_will_do_where_folder_and_files_differ(
    make_package: Callable[[int], Path], rewrite: Callable[..., Path], files: list[str]
) -> None:
    def change(content: dict[str, bytes]) -> None:
        for name in [name for name in content if "task1_1/" in name]:
            content[name.replace("task1_1/", "task1_2/")] = content.pop(name)

    (fault,) = validate(rewrite(make_package(2022), change), 2022, files=files)
    assert fault.field == "label"
    assert not fault.file.endswith(".meta.yaml")


def test_a_file_too_long_for_a_meta_file_is_not_parsed(check: Callable[..., list[Fault]]) -> None:
    (fault,) = check(2022, lambda meta: b"a: [" + b"1," * 90_000 + b"1]")
    assert (fault.field, fault.found) == ("size", "180006 bytes")


def test_with_other_classes_a_missing_group_is_no_fault(
    check: Callable[..., list[Fault]],
) -> None:
    change = _set(f"{RESULTS}.device_wise", KeyError)
    faults = check(2022, change, classes=["bus", "park"])
    assert META not in {fault.file for fault in faults}


@pytest.mark.parametrize("path", [f"{RESULTS}.device_wise.s6", f"{RESULTS}.device_wise"])
def test_a_device_may_only_miss_in_other_data(check: Callable[..., list[Fault]], path: str) -> None:
    official = check(2022, _set(path, KeyError), files=None)
    assert [fault.message for fault in official if fault.field == path] == ["is missing"]
    assert check(2022, _set(path, KeyError)) == []
