"""The predictions of several runs by one system, taken together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dssd_tf.evaluation.bootstrap import intervals
from dssd_tf.evaluation.device_groups import device_groups
from dssd_tf.evaluation.metrics import clip_losses
from dssd_tf.evaluation.predictions import read_predictions
from dssd_tf.evaluation.recording_sums import RecordingSums
from dssd_tf.files import read_json
from dssd_tf.pipeline.run_folder import RunFolder

GROUPS = {
    None: ("macro_accuracy", "log_loss"),
    "seen": ("seen_accuracy", "seen_log_loss"),
    "unseen": ("unseen_accuracy", "unseen_log_loss"),
}
"""Columns of macro accuracy and log loss: of all clips, of those of the devices in training, of
the others."""


@dataclass(frozen=True)
class Pooled:
    """The predictions of several runs by one system.

    Args:
        table: Rows of `predictions.csv`.
        classes: Labels, the names of the columns of probabilities.
        devices: By group, the devices of it.
    """

    table: pd.DataFrame
    classes: Sequence[str]
    devices: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, runs: Sequence[RunFolder], system: str) -> "Pooled | None":
        """None if no run has predictions."""
        tables, classes, trained = [], [], []
        for run in runs:
            if not run.predictions.is_file() or not run.metrics.is_file():
                continue
            metrics = read_json(run.metrics)
            classes, trained = metrics["classes"], metrics["trained_devices"]
            table = read_predictions(run.predictions)
            tables.append(table[table["system"] == system])
        if not tables:
            return None
        table = pd.concat(tables)
        return cls(table, classes, device_groups(table["device"], trained))

    def intervals(self, group: str | None) -> Mapping[str, Any]:
        """Of macro accuracy and log loss of the clips of a group of devices; None: of all."""
        sums = self.sums(group)
        return (sums and intervals(sums)) or {}

    def sums(self, group: str | None) -> RecordingSums | None:
        """By recording, the clips of a group of devices, None: of all; None without a clip."""
        table = self.table
        if group is not None:
            table = table[table["device"].isin(self.devices.get(group, ()))]
        if table.empty:
            return None
        truth = np.array([self.classes.index(x) for x in table["scene_label"]], dtype=np.int64)
        probabilities = table[list(self.classes)].to_numpy(np.float64)
        losses = clip_losses(truth, probabilities)
        recordings = list(table["recording"])
        return RecordingSums.of(
            truth, probabilities.argmax(axis=1), losses, recordings, len(self.classes)
        )
