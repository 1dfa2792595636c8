"""The terms of a distiller's loss and their factors."""

from collections.abc import Callable
from typing import Any, Literal

from dssd_tf.errors import ModelError

Combine = Literal["sum", "pcgrad"]
"""How the terms of the loss come together in the gradient."""


def term_names(
    weight: float | Callable[[Any], Any], *, features: bool, coarse: bool, combine: Combine
) -> list[str]:
    """The terms there are, as the metrics name them.

    Args:
        weight: Of the distillation, or its schedule; with 0 nothing is distilled.
        features: Whether features are distilled.
        coarse: Whether there are coarse classes.
        combine: How the terms come together.

    Raises:
        ModelError: The terms do not fit together.
        ValueError: The weight or the combination is out of its range.
    """
    if not callable(weight) and not 0 <= weight <= 1:
        raise ValueError(f"the distillation weight lies in [0, 1], got {weight}")
    if combine not in ("sum", "pcgrad"):
        raise ValueError(f"unknown combination {combine!r}; choose sum or pcgrad")
    distils = callable(weight) or weight > 0
    if features and not distils:
        raise ModelError("features are distilled with weight 0", fix="raise distillation_weight")
    there = {
        "student_loss": True,
        "distillation_loss": distils,
        "feature_loss": features,
        "coarse_loss": coarse,
    }
    names = [name for name, is_there in there.items() if is_there]
    if combine == "pcgrad" and len(names) < 2:
        raise ModelError(
            "pcgrad needs two terms of the loss, there is only the student's",
            fix="add a teacher or coarse classes, or combine by sum",
        )
    return names


def term_factors(share: Any, coarse_weight: float) -> dict[str, Any]:
    """The factor of each term; `share` is the distillation weight of the step."""
    return {
        "student_loss": 1 - share,
        "distillation_loss": share,
        "feature_loss": share,
        "coarse_loss": coarse_weight,
    }
