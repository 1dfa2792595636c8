"""What a recipe trains on: tables of clips and the augmentation of their batches."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.augmentation import (
    BatchAugmentation,
    TrainingContext,
    ordered_domains,
    prepare_all,
)
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.training.clip_table import ClipTable
from dssd_tf.training.clip_weights import clip_weights


def training_clips(workspace: Workspace) -> ClipTable:
    """The training clips, with weights and stored logits where the recipe has them.

    They are read as waveforms if an augmentation needs these.
    """
    in_waveforms = "waveform" in ordered_domains(workspace.recipe.augmentation)
    source = workspace.waveforms if in_waveforms else workspace.store
    return _table(workspace, workspace.dataset.train, source, _clip_arrays(workspace))


def validation_clips(workspace: Workspace) -> ClipTable | None:
    """The validation clips, if there are any."""
    clips = workspace.dataset.validation
    return _table(workspace, clips, workspace.store) if len(clips) else None


def prepared_augmentation(workspace: Workspace) -> Sequence[BatchAugmentation]:
    """The recipe's augmentations, ready for batches of the training clips."""
    recipe, dataset, store = workspace.recipe, workspace.dataset, workspace.store
    rows = store.positions(dataset.train["filename"])
    context = TrainingContext(
        devices=dataset.devices,
        sampling_rate=recipe.features.sampling_rate,
        n_mels=recipe.features.n_mels,
        clips=dataset.train,
        gather_raw=lambda numbers: store.gather_raw(rows[numbers]),
    )
    return prepare_all(recipe.augmentation, context)


def _table(
    workspace: Workspace,
    clips: pd.DataFrame,
    source: object,
    arrays: dict[str, NDArray[np.float32]] | None = None,
) -> ClipTable:
    dataset = workspace.dataset
    return ClipTable(
        source,
        list(clips["filename"]),
        clips["label"].to_numpy(),
        len(dataset.classes),
        devices=np.array([dataset.devices.index(name) for name in clips["device"]], dtype=np.int64),
        front_end=workspace.recipe.features,
        arrays=arrays,
    )


def _clip_arrays(workspace: Workspace) -> dict[str, NDArray[np.float32]]:
    """What travels with the training clips: their weights and the stored logits of teachers."""
    training, clips = workspace.recipe.training, workspace.dataset.train
    arrays = {
        "weight": clip_weights(clips, training.class_weight, training.device_weight),
        "teacher": workspace.stored_logits,
    }
    return {name: array for name, array in arrays.items() if array is not None}
