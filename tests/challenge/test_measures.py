from typing import Any

import pytest

from dssd_tf.challenge.measures import measured, model_table
from dssd_tf.errors import PackageError


def test_a_measure_of_the_model_that_is_asked_for(complexity: dict[str, Any]) -> None:
    assert measured(complexity, "int8", "parameters", "it") == 46_246
    assert measured(complexity, "float", "parameters", "it") == 46_118


@pytest.mark.parametrize("int8", [None, {}, "absent"])
def test_deployed_is_int8_where_there_is_one(complexity: dict[str, Any], int8: Any) -> None:
    assert model_table(complexity, "deployed", "it") == ("int8", complexity["int8"])
    if int8 == "absent":
        del complexity["int8"]
    else:
        complexity["int8"] = int8
    assert model_table(complexity, "deployed", "it") == ("float", complexity["float"])


@pytest.mark.parametrize("value", [0, 0.0, 1, 2.5, 10**12])
def test_a_number_of_at_least_zero_is_given_as_it_is(
    complexity: dict[str, Any], value: float
) -> None:
    complexity["int8"]["parameters"] = value
    found = measured(complexity, "int8", "parameters", "it")
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("value", [-1, True, "12", [12], float("nan"), float("inf"), float("-inf")])
def test_what_is_no_measure_is_told_with_its_value(complexity: dict[str, Any], value: Any) -> None:
    complexity["int8"]["parameters"] = value
    with pytest.raises(PackageError) as error:
        measured(complexity, "int8", "parameters", "the limit")
    message = f"the limit needs 'parameters' of the int8 model as a number, found {value!r} — "
    assert str(error.value).startswith(message)


def test_null_and_absent_are_told_apart(complexity: dict[str, Any]) -> None:
    null = r"'macs_nessi_tflite' of the float model, which is null — give a .tflite file"
    with pytest.raises(PackageError, match=null):
        measured(complexity, "float", "macs_nessi_tflite", "it")
    with pytest.raises(PackageError, match="'flops' of the float model, which is not there"):
        measured(complexity, "float", "flops", "it")


@pytest.mark.parametrize(
    ("model", "name", "fix"),
    [("int8", "int8", "quantize"), ("float", "float", "measure"), ("deployed", "float", "measure")],
)
@pytest.mark.parametrize("table", [None, {}, [1], "x"])
def test_a_model_that_is_not_there_is_told(model: Any, name: str, fix: str, table: Any) -> None:
    with pytest.raises(PackageError, match=f"it counts the {name} model.*— {fix}"):
        model_table({name: table}, model, "it")
