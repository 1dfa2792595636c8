"""Labelled clips of a store."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.augmentation import BatchAugmentation
from dssd_tf.data.batches import make_batches
from dssd_tf.errors import DssdError
from dssd_tf.features import LogMelConfig
from dssd_tf.training.input_pipeline import input_pipeline


class ClipTable:
    """Clips with labels, as positions in a store of features or waveforms.

    Args:
        store: The clips' store; its domain must not lie behind that of any augmentation.
        filenames: The clips.
        labels: Class index of each clip, (clips,).
        classes: Number of classes.
        devices: Device index of each clip, (clips,); None: all 0.
        front_end: How waveforms or log-mels become features; None: the store has features.

    Raises:
        DataError: The store lacks a clip.
    """

    def __init__(
        self,
        store: Any,
        filenames: Sequence[str],
        labels: NDArray[np.int64],
        classes: int,
        *,
        devices: NDArray[np.int64] | None = None,
        front_end: LogMelConfig | None = None,
    ):
        self.store, self.labels, self.classes = store, labels, classes
        self.devices, self.front_end = devices, front_end
        self.positions = store.positions(filenames)
        self.failure: DssdError | None = None

    def __len__(self) -> int:
        return len(self.positions)

    def steps(self, batch_size: int) -> int:
        """Batches of one pass."""
        return math.ceil(len(self) / batch_size)

    def batches(
        self,
        batch_size: int,
        *,
        augmentation: Sequence[BatchAugmentation] = (),
        seed: int | None = None,
        epoch: int = 1,
        first_batch: int = 0,
    ) -> Any:
        """One pass as (features, labels); shuffled and augmented if there is a seed.

        See `make_batches` for the order and `input_pipeline` for the rest. What goes wrong in
        reading is kept in `failure`, as TensorFlow hides it.
        """
        shuffle_seed = None if seed is None else (seed, epoch)
        stored = make_batches(
            self.store,
            self.positions,
            self.labels,
            self.classes,
            batch_size=batch_size,
            devices=self.devices,
            shuffle_seed=shuffle_seed,
            first_batch=first_batch,
            on_error=self._keep,
        )
        return input_pipeline(
            stored,
            self.store.domain,
            self.front_end,
            augmentation=augmentation,
            seed=seed,
            epoch=epoch,
            first_batch=first_batch,
        )

    def _keep(self, error: DssdError) -> None:
        self.failure = error
