import pandas as pd
import pytest

from dssd_tf.errors import RunError
from dssd_tf.pipeline.sweep.selection import device_groups, select

TABLE = pd.DataFrame(
    {
        "configuration": ["base", "base", "wide", "wide", "deep", "deep"],
        "system": ["float", "int8"] * 3,
        "macro_accuracy": [0.70, 0.69, 0.75, 0.76, 0.60, 0.61],
        "log_loss": [0.9, 0.95, 0.8, 0.81, 1.2, 1.3],
    }
)


def names(**asked: object) -> list[str]:
    return select(TABLE, system="int8", **asked)["configuration"].to_list()  # type: ignore[arg-type]


def test_order_of_the_sweep_of_the_choice_or_the_best_first() -> None:
    assert names() == ["base", "wide", "deep"]
    assert names(only=["deep", "base"]) == ["deep", "base"]
    assert names(only=["deep", "base"], sort="macro_accuracy") == ["base", "deep"]
    assert names(sort="log_loss") == ["wide", "base", "deep"]
    assert len(select(TABLE, only=["wide"])) == 2


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (
            {"system": "float16"},
            "no system 'float16', did you mean 'float'\\? — choose among float, int8",
        ),
        ({"sort": "speed"}, "no column 'speed' — choose among configuration, system"),
        ({"sort": "macro"}, "no column 'macro', did you mean 'macro_accuracy'\\? — choose"),
        (
            {"only": ["base", "Wide"]},
            "no configuration 'Wide', did you mean 'wide'\\? — choose among base, wide, deep",
        ),
    ],
)
def test_what_is_not_there_is_told_with_what_is(asked: dict, reason: str) -> None:
    with pytest.raises(RunError, match=reason):
        select(TABLE, **asked)


def test_devices_of_one_kind_are_no_groups() -> None:
    assert device_groups(TABLE) == []
    assert device_groups(TABLE.assign(seen_accuracy=0.5)) == []
    both = TABLE.assign(seen_accuracy=0.5, unseen_accuracy=0.4)
    assert device_groups(both) == ["seen", "unseen"]
    assert device_groups(both.assign(unseen_accuracy=None)) == []
