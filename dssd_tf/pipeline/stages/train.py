"""Stage: train the float model."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.augmentation import TrainingContext, ordered_domains, prepare_all
from dssd_tf.models import save_model
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.student import make_network, make_student
from dssd_tf.pipeline.student_teachers import load_teachers
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.training.clip_table import ClipTable
from dssd_tf.training.clip_weights import clip_weights
from dssd_tf.training.devices import writes_run
from dssd_tf.training.distillation.without_coarse import without_coarse
from dssd_tf.training.start import Teaching
from dssd_tf.training.trainer import train


def train_model(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `history.csv` and `model.keras`; goes on from the last finished epoch.

    A further worker of several trains along and writes nothing.
    """
    recipe, dataset = workspace.recipe, workspace.dataset
    store, devices = workspace.store, dataset.devices
    in_waveforms = "waveform" in ordered_domains(recipe.augmentation)

    def table(
        clips: pd.DataFrame, source: object, arrays: dict[str, NDArray[np.float32]] | None = None
    ) -> ClipTable:
        return ClipTable(
            source,
            list(clips["filename"]),
            clips["label"].to_numpy(),
            len(dataset.classes),
            devices=np.array([devices.index(name) for name in clips["device"]], dtype=np.int64),
            front_end=recipe.features,
            arrays=arrays,
        )

    rows = store.positions(dataset.train["filename"])
    context = TrainingContext(
        devices=devices,
        sampling_rate=recipe.features.sampling_rate,
        n_mels=recipe.features.n_mels,
        clips=dataset.train,
        gather_raw=lambda numbers: store.gather_raw(rows[numbers]),
    )
    model = train(
        lambda: make_student(recipe, store.shape, dataset.classes),
        table(
            dataset.train,
            workspace.waveforms if in_waveforms else store,
            _clip_arrays(workspace),
        ),
        table(dataset.validation, store) if len(dataset.validation) else None,
        recipe.training,
        augmentation=prepare_all(recipe.augmentation, context),
        teaching=_teaching(workspace),
        seed=recipe.seed,
        folder=run.training,
        history_path=run.history,
    )
    if not writes_run(recipe.training.devices):
        return []
    smaller = make_network(recipe, store.shape, len(dataset.classes))
    if model.output_shape != smaller.output_shape:
        model = without_coarse(model, smaller)
    save_model(model, run.float_model)
    history = pd.read_csv(run.history)
    if "val_loss" not in history:
        return [f"{len(history)} epochs, weights of the last"]
    row = history.iloc[int(history["val_loss"].to_numpy().argmin())]
    return [
        f"best epoch {int(row['epoch'])} of {len(history)}: validation loss "
        f"{row['val_loss']:.3f}, accuracy {row['val_accuracy']:.3f}"
    ]


def _clip_arrays(workspace: Workspace) -> dict[str, NDArray[np.float32]]:
    """What travels with the training clips: their weights and the stored logits of teachers."""
    training, clips = workspace.recipe.training, workspace.dataset.train
    arrays = {
        "weight": clip_weights(clips, training.class_weight, training.device_weight),
        "teacher": workspace.stored_logits,
    }
    return {name: array for name, array in arrays.items() if array is not None}


def _teaching(workspace: Workspace) -> Teaching | None:
    config, classes = workspace.recipe.distillation, workspace.dataset.classes
    if config is None:
        return None
    return Teaching(config, classes, load_teachers(workspace.live_teachers, classes))
