"""What runs give to a submission."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class SystemResult:
    """One system of a submission, as measured.

    Args:
        recipe: What the recipe says, in words, under the keys of `system.description`:
            `input_sampling_rate`, `acoustic_features`, `data_augmentation`,
            `machine_learning_method`, `framework`, …
        complexity: `{float: C, int8: C}`, as `check_budget` takes it.
        outputs: By training split in percent, under None where the edition has no splits: rows of
            the evaluation set with `filename` and one probability column in [0, 1] a class;
            other columns are ignored. Rows of one model only.
        results: By result group, under None where the edition has no groups: development metrics,
            `macro_accuracy` (fraction), `log_loss` (natural), `class_wise` and `device_wise`, each
            name to `{accuracy, log_loss}`.
        energy: kWh by part (`training`, `inference`, `baseline_inference`), null where it was not
            measured; an edition may ask for it.
    """

    recipe: Mapping[str, Any]
    complexity: Mapping[str, Any]
    outputs: Mapping[int | None, pd.DataFrame]
    results: Mapping[str | None, Mapping[str, Any]]
    energy: Mapping[str, float | None] = field(default_factory=dict)
