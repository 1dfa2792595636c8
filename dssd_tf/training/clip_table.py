"""Labelled clips of a store."""

import math
from collections.abc import Callable, Mapping, Sequence
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
        arrays: Further arrays of the clips that travel with them, such as ``teacher``, stored
            logits (clips, teachers, classes), and ``weight``, (clips,); see `Batch`.

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
        arrays: Mapping[str, NDArray[np.float32]] | None = None,
    ):
        self.store, self.labels, self.classes = store, labels, classes
        self.devices, self.front_end = devices, front_end
        self.arrays = dict(arrays or {})
        self.positions = store.positions(filenames)
        self.failure: DssdError | None = None
        # The augmentations are kept with what was traced of them, as they are known by identity.
        self._traces: dict[Any, tuple[Any, dict[Any, Any]]] = {}

    def __len__(self) -> int:
        return len(self.positions)

    def steps(self, batch_size: int) -> int:
        """Batches of one pass."""
        return math.ceil(len(self) / batch_size)

    def sizes(self, batch_size: int) -> list[int]:
        """How many clips each batch of one pass has."""
        starts = range(0, len(self), batch_size)
        return [min(batch_size, len(self) - start) for start in starts]

    def batches(
        self,
        batch_size: int,
        *,
        augmentation: Sequence[BatchAugmentation] = (),
        seed: int | None = None,
        epoch: int = 1,
        first_batch: int = 0,
        part: Callable[[int], slice] = lambda clips: slice(0, clips),
        worker: int = 0,
    ) -> Any:
        """One pass as elements for `fit`; shuffled and augmented if there is a seed.

        See `make_batches` for the order and `input_pipeline` for the rest. What goes wrong in
        reading is kept in `failure`, as TensorFlow hides it.

        One of several workers reads its `part` of each batch and augments it alone, by numbers
        of its own.
        """
        shuffle_seed = None if seed is None else (seed, epoch)
        own_seed = seed if seed is None or worker == 0 else _seed_of(worker, seed)
        stored = make_batches(
            self.store,
            self.positions,
            self.labels,
            self.classes,
            batch_size=batch_size,
            devices=self.devices,
            arrays=self.arrays,
            shuffle_seed=shuffle_seed,
            first_batch=first_batch,
            part=part,
            on_error=self._keep,
        )
        return input_pipeline(
            stored,
            self.store.domain,
            self.front_end,
            augmentation=augmentation,
            seed=own_seed,
            epoch=epoch,
            first_batch=first_batch,
            traces=self._kept_traces(own_seed, augmentation),
        )

    def _kept_traces(
        self, seed: int | None, augmentation: Sequence[BatchAugmentation]
    ) -> dict[Any, Any]:
        key = (seed, tuple(map(id, augmentation)))
        return self._traces.setdefault(key, (tuple(augmentation), {}))[1]

    def _keep(self, error: DssdError) -> None:
        self.failure = error


def _seed_of(worker: int, seed: int) -> int:
    return int(np.random.default_rng((seed, worker)).integers(2**31))
