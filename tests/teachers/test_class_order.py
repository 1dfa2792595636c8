import pytest

from dssd_tf.errors import DataError
from dssd_tf.teachers.class_order import class_order


def test_each_wanted_class_is_found_by_name() -> None:
    assert class_order(["b", "c", "a"], ["a", "b", "c"], "bank") == [2, 0, 1]


def test_another_set_is_refused_and_named() -> None:
    with pytest.raises(DataError) as caught:
        class_order(["a", "x"], ["a", "b"], "bank")
    assert "bank: " in str(caught.value)
    assert "lacks 'b'" in str(caught.value)
    assert "has 'x' besides" in str(caught.value)


def test_a_class_named_twice_is_refused() -> None:
    with pytest.raises(DataError, match="'a' is named twice"):
        class_order(["a", "a"], ["a", "b"], "bank")
