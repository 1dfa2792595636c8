"""What a run gives to a submission."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Outcome:
    """What one trained model of a system gave.

    Args:
        predictions: Rows of the evaluation set with `filename` and one probability column in
            [0, 1] a class; other columns are ignored. Rows of one model only.
        metrics: Development metrics: `macro_accuracy` (fraction), `log_loss` (natural),
            `class_wise` and `device_wise`, each name to `{accuracy, log_loss}`.
    """

    predictions: pd.DataFrame
    metrics: Mapping[str, Any]


@dataclass(frozen=True)
class SystemResult:
    """One system of a submission, as measured.

    Args:
        recipe: What the recipe says, in words, under the keys of `system.description`:
            `input_sampling_rate`, `acoustic_features`, `data_augmentation`,
            `machine_learning_method`, `framework`, …
        complexity: `{float: C, int8: C}`, as `check_budget` takes it.
        outcomes: By training split in percent; under None where the edition has no splits.
    """

    recipe: Mapping[str, Any]
    complexity: Mapping[str, Any]
    outcomes: Mapping[int | None, Outcome]
