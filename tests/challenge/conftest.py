"""Synthetic submissions: numbers from a seeded generator, no run needed."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dssd_tf.challenge import (
    Edition,
    Entry,
    Fault,
    SystemResult,
    load_edition,
    read_entry,
    validate,
    write_package,
)

ENTRY = """
last_name: Doe
institute: EXAMPLE
systems:
  - {number: 1, name: Example system, abbreviation: EXAMPLE,
     description: {pipeline: training, external_data_usage: directly}}
authors:
  - lastname: Doe
    firstname: Jane
    email: jane.doe@example.org
    corresponding: true
    affiliation: {abbreviation: EX, institute: Example Institute, location: Nowhere}
report: report.pdf
external_datasets:
  - {name: Example set, url: "https://example.org", total_audio_length: 12.5}
inference_code: https://example.org/inference
"""

FILES = [f"{number}.wav" for number in range(30)]


@pytest.fixture
def entry_text() -> str:
    return ENTRY


@pytest.fixture
def write_entry(tmp_path: Path) -> Callable[[str], Path]:
    """Write an entry and a report beside it."""

    def write(text: str = ENTRY) -> Path:
        (tmp_path / "report.pdf").write_bytes(b"%PDF-1.4\nexample\n%%EOF\n")
        path = tmp_path / "entry.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def entry(write_entry: Callable[..., Path]) -> Entry:
    return read_entry(write_entry())


@pytest.fixture
def complexity() -> dict[str, Any]:
    return {
        "float": {
            "parameters": 46_118,
            "parameters_nonzero": 46_000,
            "dtypes": ["float32"],
            "size_bytes": 184_472,
            "macs_torchinfo": 29_419_156,
            "macs_nessi_tflite": None,
        },
        "int8": {
            "parameters": 46_246,
            "parameters_nonzero": 46_111,
            "dtypes": ["int8", "int32"],
            "size_bytes": 46_512,
            "size_bytes_nonzero": 46_377,
            "macs_torchinfo": None,
            "macs_nessi_tflite": 29_234_920,
            "peak_activation_bytes": 65_280,
        },
    }


@pytest.fixture
def make_frame() -> Callable[..., pd.DataFrame]:
    """Predictions over `files` as an evaluation writes them."""

    def make(classes: list[str], files: list[str] = FILES, seed: int = 0) -> pd.DataFrame:
        logits = 3.0 * np.random.default_rng(seed).normal(size=(len(files), len(classes)))
        odds = np.exp(logits)
        frame = pd.DataFrame(odds / odds.sum(axis=1, keepdims=True), columns=classes)
        frame.insert(0, "filename", [f"audio/{name}" for name in files])
        return frame

    return make


@pytest.fixture
def make_metrics() -> Callable[..., dict[str, Any]]:
    def make(classes: list[str], devices: list[str], accuracy: float = 0.5) -> dict[str, Any]:
        row = {"samples": 10, "accuracy": accuracy, "log_loss": 1.25}
        return {
            "macro_accuracy": accuracy,
            "log_loss": 1.25,
            "class_wise": {name: dict(row) for name in classes},
            "device_wise": {name: dict(row) for name in devices},
        }

    return make


@pytest.fixture
def make_result(
    complexity: dict[str, Any],
    make_frame: Callable[..., pd.DataFrame],
    make_metrics: Callable[..., dict[str, Any]],
) -> Callable[..., SystemResult]:
    def make(edition: Edition, files: list[str] = FILES) -> SystemResult:
        classes, devices = edition.classes.value, edition.meta.devices.value
        recipe = {
            "input_sampling_rate": "44.1 kHz",
            "acoustic_features": "log-mel energies",
            "data_augmentation": "mixup",
            "machine_learning_method": "CNN",
            "framework": "keras",
            "num_models_at_inference": 1,
        }
        outputs = {split: make_frame(classes, files, seed=split or 0) for split in edition.outputs}
        results = {group: make_metrics(classes, devices) for group in edition.result_groups}
        return SystemResult(recipe, complexity, outputs, results)

    return make


@pytest.fixture
def make_package(
    tmp_path: Path,
    write_entry: Callable[..., Path],
    make_result: Callable[..., SystemResult],
) -> Callable[..., Path]:
    """A golden package of an edition over `FILES`."""

    def make(year: int, systems: int = 1) -> Path:
        edition = load_edition(year)
        more = "".join(
            f"  - {{number: {n}, name: System {n}, abbreviation: S{n},\n"
            "     description: {pipeline: training}}\n"
            for n in range(2, systems + 1)
        )
        entry = read_entry(write_entry(ENTRY.replace("authors:", f"{more}authors:")))
        results = [make_result(edition) for _ in range(systems)]
        return write_package(results, edition, entry, tmp_path / "out", files=FILES)

    return make


@pytest.fixture
def small_official() -> Callable[[int], Edition]:
    """An edition whose official evaluation set is `FILES`."""

    def make(year: int) -> Edition:
        edition = load_edition(year)
        rows = edition.rows.model_copy(update={"value": len(FILES)})
        return edition.model_copy(update={"rows": rows})

    return make


@pytest.fixture
def faults_after(
    make_package: Callable[..., Path],
    rewrite: Callable[..., Path],
    small_official: Callable[[int], Edition],
) -> Callable[..., list[Fault]]:
    """Faults of an edition's golden package after a change of its `{name: bytes}` in place.

    The data count as official, so that every device is wanted.
    """

    def faults_after(
        year: int, change: Callable[[dict[str, bytes]], Any], systems: int = 1
    ) -> list[Fault]:
        package = rewrite(make_package(year, systems), change)
        return validate(package, small_official(year))

    return faults_after


@pytest.fixture
def change_one() -> Callable[..., Callable[[dict[str, bytes]], None]]:
    """A change of the one file whose name ends so, which must make it another."""

    def change_one(
        ending: str, change: Callable[[bytes], bytes]
    ) -> Callable[[dict[str, bytes]], None]:
        def edit(content: dict[str, bytes]) -> None:
            (name,) = [name for name in content if name.endswith(ending)]
            changed = change(content[name])
            assert changed != content[name]
            content[name] = changed

        return edit

    return change_one


@pytest.fixture
def files() -> list[str]:
    return list(FILES)


@pytest.fixture
def rewrite() -> Callable[..., Path]:
    """Write a package anew after a function changed its `{name: bytes}` in place."""

    def rewrite(package: Path, change: Callable[[dict[str, bytes]], Any]) -> Path:
        with zipfile.ZipFile(package) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        change(content)
        target = package.with_name("changed.zip")
        with zipfile.ZipFile(target, "w") as archive:
            for name, data in content.items():
                archive.writestr(name, data)
        return target

    return rewrite
