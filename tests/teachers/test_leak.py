from collections.abc import Callable

import pytest

from dssd_tf.teachers.leak import doubt_of, leak_of


def test_a_shared_recording_is_named(make_record: Callable) -> None:
    record = make_record("big", {"a", "b", "c"})
    assert leak_of(record, {"a", "b", "c"}, {"d"}) is None
    text = leak_of(record, {"a", "b", "c"}, {"c", "b", "d"})
    assert text is not None
    assert "'big'" in text
    assert "'b'" in text
    assert "2 such recordings" in text


def _origin(**values: object) -> dict[str, object]:
    return {"origin": {"complete": False, **values}}


@pytest.mark.parametrize(
    ("values", "fold", "split", "doubted"),
    [
        ({"recordings": {"a"}}, None, None, False),
        ({}, 1, None, True),
        (_origin(fold=1), 1, None, False),
        (_origin(fold=1), 2, None, True),
        (_origin(fold=1), None, None, True),
        (_origin(split=5), None, 100, False),
        (_origin(split=5), 1, None, True),
        (_origin(fold=1), 1, 5, True),
        (_origin(recordings=3, digest="x"), None, None, True),
    ],
)
def test_what_cannot_be_checked(
    make_record: Callable, values: dict, fold: int | None, split: int | None, doubted: bool
) -> None:
    assert (doubt_of(make_record("big", **values), fold, split) is not None) == doubted
