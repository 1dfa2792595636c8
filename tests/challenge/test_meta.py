import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from dssd_tf.challenge import Edition, Entry, SystemResult, list_editions, load_edition
from dssd_tf.challenge.label import Label
from dssd_tf.challenge.meta import build_meta, format_meta
from dssd_tf.errors import PackageError

LABEL = Label("Doe", "EXAMPLE", "task1", 1)


def _build(edition: Edition, entry: Entry, result: SystemResult) -> dict[str, Any]:
    return build_meta(edition, LABEL, entry, entry.systems[0], result)


@pytest.mark.parametrize("year", list_editions())
def test_the_file_reads_back_as_built(
    year: int, entry: Entry, make_result: Callable[..., SystemResult]
) -> None:
    edition = load_edition(year)
    meta = _build(edition, entry, make_result(edition))
    assert yaml.safe_load(format_meta(meta)) == meta
    assert meta["submission"]["label"] == "Doe_EXAMPLE_task1_1"
    wanted = edition.meta.keys.value["system"]["description"]
    assert list(meta["system"]["description"]) == list(wanted)


def test_2022_takes_measures_of_the_int8_model(
    entry: Entry, make_result: Callable[..., SystemResult]
) -> None:
    edition = load_edition(2022)
    meta = _build(edition, entry, make_result(edition))
    assert meta["system"]["complexity"] == {
        "total_parameters": 46_246,
        "total_parameters_non_zero": 46_111,
        "memory_use": 65_280,
        "macs": 29_234_920,
    }


def test_2024_takes_macs_of_the_float_model_and_has_a_group_a_split(
    entry: Entry, make_result: Callable[..., SystemResult]
) -> None:
    edition = load_edition(2024)
    meta = _build(edition, entry, make_result(edition))
    assert meta["system"]["complexity"]["macs"] == 29_419_156
    assert list(meta["results"]["development_dataset"]) == [
        f"split_{split}" for split in (5, 10, 25, 50, 100)
    ]


def test_2021_states_its_size_in_kilobytes(
    entry: Entry, make_result: Callable[..., SystemResult]
) -> None:
    edition = load_edition(2021)
    meta = _build(edition, entry, make_result(edition))
    counted = {"total_parameters": 46_246, "model_size": round(46_377 / 1024, 3)}
    assert meta["system"]["complexity"] == counted


def test_2023_states_what_energy_was_measured(
    entry: Entry, make_result: Callable[..., SystemResult]
) -> None:
    edition = load_edition(2023)
    result = dataclasses.replace(make_result(edition), energy={"training": 0.25})
    meta = _build(edition, entry, result)
    found = {"training": 0.25, "inference": None, "baseline_inference": None}
    assert meta["system"]["energy_consumption"] == found
    assert (
        "energy_consumption"
        not in _build(load_edition(2022), entry, make_result(load_edition(2022)))["system"]
    )


def test_2025_has_a_group_with_and_one_without_models_of_devices(
    entry: Entry, make_result: Callable[..., SystemResult]
) -> None:
    edition = load_edition(2025)
    meta = _build(edition, entry, make_result(edition))
    assert list(meta["results"]["development_dataset"]) == ["device_specific", "general"]
    assert meta["system"]["inference_code"] == "https://example.org/inference"
    bare = entry.model_copy(update={"inference_code": None})
    with pytest.raises(PackageError, match="2025 meta file needs inference_code"):
        _build(edition, bare, make_result(edition))


def test_accuracies_become_percent_and_unmeasured_devices_are_left_out(
    entry: Entry, make_result: Callable[..., SystemResult]
) -> None:
    edition = load_edition(2022)
    result = make_result(edition)
    metrics = result.results[None]
    metrics["macro_accuracy"] = 0.569
    metrics["device_wise"] = {
        "a": {"accuracy": 0.25, "log_loss": 1.5},
        "b": {"accuracy": None, "log_loss": None},
        "c": {"accuracy": float("nan"), "log_loss": 1.0},
    }
    group = _build(edition, entry, result)["results"]["development_dataset"]
    assert group["overall"] == {"accuracy": 56.9, "logloss": 1.25}
    assert group["device_wise"] == {"a": {"accuracy": 25.0, "logloss": 1.5}}


def test_the_entrys_text_comes_before_the_recipes(
    entry: Entry, make_result: Callable[..., SystemResult]
) -> None:
    edition = load_edition(2022)
    result = make_result(edition)
    recipe = {**result.recipe, "pipeline": "from recipe", "complexity_management": "int8"}
    meta = _build(edition, entry, dataclasses.replace(result, recipe=recipe))
    assert meta["system"]["description"]["pipeline"] == "training"
    assert meta["system"]["description"]["complexity_management"] == "int8"
    assert meta["system"]["description"]["embeddings"] is None


@pytest.mark.parametrize("lost", ["acoustic_features", "framework"])
def test_a_required_text_that_nobody_gives_is_an_error(
    entry: Entry, make_result: Callable[..., SystemResult], lost: str
) -> None:
    edition = load_edition(2022)
    result = make_result(edition)
    recipe = {key: value for key, value in result.recipe.items() if key != lost}
    with pytest.raises(PackageError, match=f"2022 meta file needs {lost}"):
        _build(edition, entry, dataclasses.replace(result, recipe=recipe))


def test_missing_metrics_name_the_split(
    entry: Entry, make_result: Callable[..., SystemResult]
) -> None:
    edition = load_edition(2024)
    result = make_result(edition)
    del result.results["split_25"]["log_loss"]
    with pytest.raises(PackageError, match="metrics of split_25 lack"):
        _build(edition, entry, result)


def test_a_missing_measure_names_its_key(
    entry: Entry, make_result: Callable[..., SystemResult]
) -> None:
    edition = load_edition(2022)
    result = make_result(edition)
    result.complexity["int8"]["peak_activation_bytes"] = None
    with pytest.raises(PackageError, match=r"complexity\.memory_use needs 'peak_activation_bytes'"):
        _build(edition, entry, result)
