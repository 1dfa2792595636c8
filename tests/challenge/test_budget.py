from typing import Any

import pytest

from dssd_tf.challenge import check_budget, load_edition
from dssd_tf.errors import PackageError


def _by_name(year: int, complexity: dict[str, Any]) -> dict[str, Any]:
    return {check.name: check for check in check_budget(load_edition(year), complexity)}


def test_2022_counts_the_int8_model(complexity: dict[str, Any]) -> None:
    checks = _by_name(2022, complexity)
    assert {name: check.passed for name, check in checks.items()} == {
        "size": True,
        "macs": True,
        "weights": True,
    }
    assert checks["size"].measured == 46_246
    assert checks["macs"].measured == 29_234_920
    assert checks["macs"].headroom_percent == pytest.approx(2.5503, abs=1e-4)


def test_2024_counts_macs_on_the_float_model_and_bytes_on_the_deployed_one(
    complexity: dict[str, Any],
) -> None:
    checks = _by_name(2024, complexity)
    assert checks["macs"].measured == 29_419_156
    assert checks["size"].measured == 46_512
    del complexity["int8"]
    checks = _by_name(2024, complexity)
    assert checks["size"].measured == 184_472
    assert not checks["size"].passed
    assert checks["size"].headroom_percent < 0


@pytest.mark.parametrize(
    ("year", "model", "measure", "name", "limit"),
    [
        (2022, "int8", "parameters", "size", 128_000),
        (2022, "int8", "macs_nessi_tflite", "macs", 30_000_000),
        (2024, "int8", "size_bytes", "size", 128_000),
        (2024, "float", "macs_torchinfo", "macs", 30_000_000),
    ],
)
def test_the_limit_itself_passes_and_one_more_fails(
    complexity: dict[str, Any], year: int, model: str, measure: str, name: str, limit: int
) -> None:
    complexity[model][measure] = limit
    assert _by_name(year, complexity)[name].passed
    assert _by_name(year, complexity)[name].headroom_percent == 0
    complexity[model][measure] = limit + 1
    assert not _by_name(year, complexity)[name].passed


def test_a_float_weight_breaks_the_int8_rule(complexity: dict[str, Any]) -> None:
    complexity["int8"]["dtypes"] = ["float32", "int8", "int32"]
    check = _by_name(2022, complexity)["weights"]
    assert not check.passed
    assert check.measured == 1
    assert "float32" in check.unit


@pytest.mark.parametrize(
    ("year", "model", "measure"),
    [
        (2022, "int8", "parameters"),
        (2022, "int8", "macs_nessi_tflite"),
        (2022, "int8", "dtypes"),
        (2024, "int8", "size_bytes"),
        (2024, "float", "macs_torchinfo"),
    ],
)
@pytest.mark.parametrize("value", [None, "absent", "12"])
def test_a_missing_measure_is_an_error_that_names_it(
    complexity: dict[str, Any], year: int, model: str, measure: str, value: Any
) -> None:
    if value == "absent":
        del complexity[model][measure]
    else:
        complexity[model][measure] = value
    with pytest.raises(PackageError, match=rf"{year}.*'{measure}' of the {model} model"):
        check_budget(load_edition(year), complexity)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, True])
def test_a_measure_that_is_no_count_is_an_error(complexity: dict[str, Any], value: Any) -> None:
    complexity["float"]["macs_torchinfo"] = value
    with pytest.raises(PackageError, match="as a number"):
        check_budget(load_edition(2024), complexity)


def test_2022_without_an_int8_model_is_an_error(complexity: dict[str, Any]) -> None:
    del complexity["int8"]
    with pytest.raises(PackageError, match="there is no int8 model — quantize"):
        check_budget(load_edition(2022), complexity)


def test_2024_without_a_float_model_is_an_error(complexity: dict[str, Any]) -> None:
    complexity["float"] = None
    with pytest.raises(PackageError, match="there is no float model"):
        check_budget(load_edition(2024), complexity)
