"""Meta files of golden packages with one thing wrong: one fault each.

The faults are in the YAML file beside this one, as they are printed, by their dotted key.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dssd_tf.challenge import Fault

TOLD = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
RESULTS = "results.development_dataset"
COUNTS = "system.complexity"
SCENE = "street_traffic"

Change = Callable[[Any], Any]


def _holder(meta: Any, path: str) -> tuple[Any, Any]:
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in parents:
        meta = meta[key]
    return meta, last


def _set(path: str, value: Any) -> Change:
    def change(meta: Any) -> None:
        table, key = _holder(meta, path)
        table[key] = value

    return change


def _drop(path: str) -> Change:
    def change(meta: Any) -> None:
        table, key = _holder(meta, path)
        del table[key]

    return change


def _rename(path: str, new: str) -> Change:
    def change(meta: Any) -> None:
        table, key = _holder(meta, path)
        table[new] = table.pop(key)

    return change


def _two_authors(meta: Any) -> None:
    meta["submission"]["authors"] *= 2


def _fractions(meta: Any) -> None:
    group = meta["results"]["development_dataset"]
    tables = [group["class_wise"].values(), group["device_wise"].values(), [group["overall"]]]
    for scores in (scores for table in tables for scores in table):
        scores["accuracy"] /= 100


MUTATIONS: dict[str, tuple[int, Change]] = {
    "label": (2022, _set("submission.label", "Doe_EXAMPLE_task1_2")),
    "label of another form": (2021, _set("submission.label", "Doe_EXAMPLE_task1_1")),
    "label missing": (2023, _drop("submission.label")),
    "two corresponding authors": (2021, _two_authors),
    "no corresponding author": (2022, _drop("submission.authors.0.corresponding")),
    "corresponding as text": (2023, _set("submission.authors.0.corresponding", "yes")),
    "no authors": (2024, _set("submission.authors", [])),
    "abbreviation of 11": (2024, _set("submission.abbreviation", "ABCDEFGHIJK")),
    "author without e-mail": (2025, _drop("submission.authors.0.email")),
    "author with an empty e-mail": (2025, _set("submission.authors.0.email", "")),
    "affiliation as text": (2021, _set("submission.authors.0.affiliation", "Institute")),
    "MACs over the limit": (2022, _set(f"{COUNTS}.macs", 30_000_001)),
    "MACs in millions": (2023, _set(f"{COUNTS}.macs", 29.42)),
    "MACs in whole millions": (2024, _set(f"{COUNTS}.macs", 29)),
    "MACs as text": (2025, _set(f"{COUNTS}.macs", "29.4 M")),
    "size over the limit": (2023, _set(f"{COUNTS}.total_model_size", 128_001)),
    "size over the limit of 2024": (2024, _set(f"{COUNTS}.total_model_size", 184_472)),
    "size in KB": (2025, _set(f"{COUNTS}.total_model_size", 46)),
    "size over 125 KB": (2021, _set(f"{COUNTS}.model_size", 125.5)),
    "size in bytes": (2021, _set(f"{COUNTS}.model_size", 46_377)),
    "parameters over the limit": (2022, _set(f"{COUNTS}.total_parameters", 128_001)),
    "parameters negative": (2023, _set(f"{COUNTS}.total_parameters", -1)),
    "parameters none": (2024, _set(f"{COUNTS}.total_parameters", 0)),
    "parameters without end": (2024, _set(f"{COUNTS}.total_parameters", float("inf"))),
    "non-zero more than all": (2022, _set(f"{COUNTS}.total_parameters_non_zero", 46_247)),
    "accuracies as fractions": (2022, _fractions),
    "overall as a fraction": (2023, _set(f"{RESULTS}.overall.accuracy", 0.5)),
    "overall not the mean": (2021, _set(f"{RESULTS}.overall.accuracy", 52.0)),
    "accuracy over 100": (2025, _set(f"{RESULTS}.general.class_wise.bus.accuracy", 101.0)),
    "class missing": (2021, _drop(f"{RESULTS}.class_wise.bus")),
    "class misspelt": (2023, _rename(f"{RESULTS}.class_wise.{SCENE}", "street-traffic")),
    "device missing": (2022, _drop(f"{RESULTS}.device_wise.s6")),
    "device missing in one split": (2024, _drop(f"{RESULTS}.split_50.device_wise.s6")),
    "devices missing": (2023, _drop(f"{RESULTS}.device_wise")),
    "log loss negative": (2021, _set(f"{RESULTS}.overall.logloss", -0.1)),
    "log loss beyond the clip": (2022, _set(f"{RESULTS}.device_wise.a.logloss", 35)),
    "log loss NaN": (2023, _set(f"{RESULTS}.overall.logloss", float("nan"))),
    "log loss null": (2024, _set(f"{RESULTS}.split_5.overall.logloss", None)),
    "log loss missing": (2024, _drop(f"{RESULTS}.split_5.overall.logloss")),
    "split missing": (2024, _drop(f"{RESULTS}.split_25")),
    "result group missing": (2025, _drop(f"{RESULTS}.device_specific")),
    "result group misspelt": (2025, _rename(f"{RESULTS}.general", "generall")),
    "key missing": (2023, _drop("system.description.framework")),
    "part missing": (2021, _drop("system.description")),
    "key misspelt": (2024, _rename(f"{COUNTS}.total_model_size", "total_model_sizes")),
    "null where not allowed": (2021, _set("system.description.machine_learning_method", None)),
    "number where text is": (2022, _set("system.description.pipeline", 3)),
    "inference code missing": (2025, _drop("system.inference_code")),
    "inference code null": (2025, _set("system.inference_code", None)),
    "energy negative": (2023, _set("system.energy_consumption.training", -0.5)),
    "energy as text": (2023, _set("system.energy_consumption.inference", "0.1 kWh")),
    "length of a dataset as text": (
        2022,
        _set("system.external_datasets.0.total_audio_length", ""),
    ),
}
TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "YAML that does not parse": lambda data: data.replace(b"macs:", b"macs: [", 1),
    "a tab for indentation": lambda data: data.replace(b"\n  label", b"\n\tlabel", 1),
    "a key twice": lambda data: data.replace(b"  macs:", b"  macs: 1\n    macs:", 1),
    "a meta file that is a list": lambda data: b"- 1\n",
    "an empty meta file": lambda data: b"",
    "a meta file in Latin-1": lambda data: data.replace(b"Jane", b"J\xfcne", 1),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_one_value_wrong_is_one_fault(
    faults_after: Callable[..., list[Fault]], change_one: Callable[..., Any], name: str
) -> None:
    year, change = MUTATIONS[name]

    def edit(data: bytes) -> bytes:
        meta = yaml.safe_load(data)
        change(meta)
        return yaml.safe_dump(meta, sort_keys=False).encode()

    (fault,) = faults_after(year, change_one(".meta.yaml", edit))
    assert fault.file.endswith(".meta.yaml") and fault.row is None
    assert fault.in_full() == f"{fault.file}: {TOLD[name]}"


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_is_no_mapping_is_one_fault(
    faults_after: Callable[..., list[Fault]], change_one: Callable[..., Any], name: str
) -> None:
    (fault,) = faults_after(2022, change_one(".meta.yaml", TEXTS[name]))
    assert fault.in_full() == fault.file + TOLD[name]


@pytest.mark.parametrize("key", ["accuracy", "logloss"])
def test_2025_takes_scores_that_are_null(
    faults_after: Callable[..., list[Fault]], change_one: Callable[..., Any], key: str
) -> None:
    def edit(data: bytes) -> bytes:
        meta = yaml.safe_load(data)
        group = meta["results"]["development_dataset"]["general"]
        for scores in (*group["class_wise"].values(), *group["device_wise"].values()):
            scores[key] = None
        group["overall"][key] = None
        return yaml.safe_dump(meta).encode()

    assert faults_after(2025, change_one(".meta.yaml", edit)) == []


@pytest.mark.parametrize("part", ["training", "inference", "baseline_inference"])
def test_2023_takes_energy_as_a_number_or_null(
    faults_after: Callable[..., list[Fault]], change_one: Callable[..., Any], part: str
) -> None:
    def edit(data: bytes) -> bytes:
        assert f"{part}: null".encode() in data
        return data.replace(f"{part}: null".encode(), f"{part}: 0.25".encode(), 1)

    assert faults_after(2023, lambda content: None) == []
    assert faults_after(2023, change_one(".meta.yaml", edit)) == []
