import pytest
from pydantic import ValidationError

from dssd_tf.config import Config


class Part(Config):
    rate: float = 1.0


def test_a_part_cannot_be_changed() -> None:
    part = Part(rate=2.0)
    with pytest.raises(ValidationError, match="frozen"):
        part.rate = 3.0  # type: ignore[misc]
    assert part.rate == 2.0


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="rat"):
        Part.model_validate({"rat": 1.0})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_are_finite(value: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Part(rate=value)
