import pytest

from dssd_tf.report.outdated import outdated
from dssd_tf.report.schema import Stage


def _stages(**hours: int | None) -> dict[str, Stage]:
    return {
        name: Stage(
            seconds=1.0, finished=None if hour is None else f"2026-01-01T{hour:02}:00:00+00:00"
        )
        for name, hour in hours.items()
    }


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ({}, {}),
        ({"train": 1, "quantize": 2, "evaluate": 3, "complexity": 4}, {}),
        ({"train": 1, "quantize": 3, "evaluate": 3}, {}),
        ({"quantize": 4, "evaluate": 3}, {"evaluate": "quantize"}),
        ({"train": 5, "quantize": 2, "evaluate": 3, "complexity": 6}, {"evaluate": "train"}),
        (
            {"train": 5, "evaluate": 3, "complexity": 4},
            {"evaluate": "train", "complexity": "train"},
        ),
        ({"train": 5, "evaluate": None}, {}),
        ({"train": None, "evaluate": 3}, {}),
    ],
)
def test_a_measure_is_outdated_by_a_model_made_later(
    hours: dict[str, int | None], expected: dict[str, str]
) -> None:
    assert outdated(_stages(**hours)) == expected
