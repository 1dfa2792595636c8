"""Packages of every edition as they should be."""

import dataclasses
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dssd_tf.challenge import (
    Edition,
    Entry,
    SystemResult,
    list_editions,
    load_edition,
    validate,
    write_package,
)

YEARS = list_editions()


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("most", [False, True], ids=["one system", "most systems"])
def test_a_golden_package_has_no_faults(
    make_package: Callable[..., Path],
    small_official: Callable[[int], Edition],
    files: list[str],
    year: int,
    most: bool,
) -> None:
    systems = load_edition(year).systems.value if most else 1
    package = make_package(year, systems)
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
    outputs = len(load_edition(year).outputs)
    assert len(names) == 1 + systems * (1 + outputs)
    assert validate(package, small_official(year)) == []
    assert validate(package, year, files=[f"audio/{name}" for name in files]) == []


@pytest.mark.parametrize("year", YEARS)
def test_an_unpacked_golden_package_has_no_faults(
    make_package: Callable[..., Path],
    small_official: Callable[[int], Edition],
    tmp_path: Path,
    year: int,
) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(make_package(year, systems=2)) as archive:
        archive.extractall(folder)
    assert validate(folder, small_official(year)) == []


@pytest.mark.parametrize("year", YEARS)
def test_a_golden_package_of_another_year_has_faults(
    make_package: Callable[..., Path], small_official: Callable[[int], Edition], year: int
) -> None:
    package = make_package(year)
    # What 2023 asks for beside all that 2022 does is no fault there.
    alike = {2022} if year == 2023 else set()
    for other in set(YEARS) - {year} - alike:
        assert validate(package, small_official(other)) != []


# The fixtures give the same to every example.
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    values=arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 14), st.just(10)),
        elements=st.floats(0, 1, allow_subnormal=False),
    ).filter(lambda values: (values.sum(axis=1) > 1e-3).all()),
    order=st.integers(0, 9),
)
@pytest.mark.parametrize("year", [2021, 2024])
def test_probabilities_survive_the_package(
    entry: Entry,
    make_result: Callable[..., SystemResult],
    tmp_path: Path,
    year: int,
    values: np.ndarray,
    order: int,
) -> None:
    edition = load_edition(year)
    classes = edition.classes.value
    names = [f"{number}.wav" for number in range(len(values))]
    probabilities = values / values.sum(axis=1, keepdims=True)
    frame = pd.DataFrame(probabilities, columns=classes).assign(filename=names)
    shuffled = frame.sample(frac=1, random_state=order)
    result = dataclasses.replace(
        make_result(edition), outputs=dict.fromkeys(edition.outputs, shuffled)
    )
    package = write_package([result], edition, entry, tmp_path / "out", files=names)
    assert validate(package, edition, files=names) == []
    with zipfile.ZipFile(package) as archive:
        outputs = [archive.read(name) for name in archive.namelist() if name.endswith(".csv")]
    assert len(outputs) == len(edition.outputs)
    for data in outputs:
        table = pd.read_csv(io.BytesIO(data), sep="\t")
        assert list(table.columns) == ["filename", "scene_label", *classes]
        assert list(table["filename"]) == names
        read = table[classes].to_numpy()
        np.testing.assert_allclose(read, probabilities, rtol=0, atol=1e-6)
        stated = read[np.arange(len(read)), [classes.index(c) for c in table["scene_label"]]]
        np.testing.assert_array_equal(stated, read.max(axis=1))
