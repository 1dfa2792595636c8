"""Which terms a loss has."""

from typing import Any

import pytest

from dssd_tf.errors import ModelError
from dssd_tf.training.distillation.terms import term_factors, term_names


@pytest.mark.parametrize(
    ("weight", "features", "coarse", "expected"),
    [
        (0, False, False, ["student_loss"]),
        (0.0, False, True, ["student_loss", "coarse_loss"]),
        (0.5, True, False, ["student_loss", "distillation_loss", "feature_loss"]),
        (lambda step: 0.0, False, False, ["student_loss", "distillation_loss"]),
    ],
)
def test_terms_follow_from_what_there_is(
    weight: Any, features: bool, coarse: bool, expected: list[str]
) -> None:
    assert term_names(weight, features=features, coarse=coarse, combine="sum") == expected


@pytest.mark.parametrize("weight", [-0.1, 1.5, float("nan")])
def test_a_weight_out_of_range_is_told(weight: float) -> None:
    with pytest.raises(ValueError, match="lies in"):
        term_names(weight, features=False, coarse=False, combine="sum")


def test_an_unknown_combination_is_told() -> None:
    with pytest.raises(ValueError, match="choose sum or pcgrad"):
        term_names(0.5, features=False, coarse=False, combine="mean")  # type: ignore[arg-type]


def test_terms_that_do_not_fit_together_are_told() -> None:
    with pytest.raises(ModelError, match="pcgrad needs two terms"):
        term_names(0, features=False, coarse=False, combine="pcgrad")
    with pytest.raises(ModelError, match="features are distilled with weight 0"):
        term_names(0, features=True, coarse=False, combine="sum")


def test_labels_have_what_the_teachers_leave() -> None:
    factors = term_factors(0.75, 2.0)
    assert factors["student_loss"] == 0.25 and factors["feature_loss"] == 0.75
    assert factors["coarse_loss"] == 2
