from typing import Any

import pytest

from dssd_tf.challenge import check_budget, load_edition
from dssd_tf.challenge.budget_words import check_in_words


def _told(complexity: dict[str, Any], name: str, **options: str) -> str:
    checks = {check.name: vars(check) for check in check_budget(load_edition(2022), complexity)}
    return check_in_words(checks[name], **options)


def test_a_limit_has_its_rule_and_on_request_its_model(complexity: dict[str, Any]) -> None:
    assert _told(complexity, "size") == "46,246 within 128,000 parameters (nessi_tflite)"
    complexity["int8"]["parameters"] = 128_001
    told = _told(complexity, "size", model="int8")
    assert told == "128,001 OVER 128,000 parameters (int8 model, nessi_tflite)"


@pytest.mark.parametrize(
    ("dtypes", "words"),
    [
        (["int32", "int8"], "all int8 (constants by dtype)"),
        (
            ["float32", "int8"],
            "OVER: 1 other dtypes (float32), all must be int8 (constants by dtype)",
        ),
    ],
)
def test_the_types_of_the_weights_are_no_number(
    complexity: dict[str, Any], dtypes: list[str], words: str
) -> None:
    complexity["int8"]["dtypes"] = dtypes
    assert _told(complexity, "weights") == words
