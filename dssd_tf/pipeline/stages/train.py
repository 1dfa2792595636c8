"""Stage: train the float model."""

import numpy as np
import pandas as pd

from dssd_tf.augmentation import TrainingContext, ordered_domains, prepare_all
from dssd_tf.models import create_model, save_model
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.training.clip_table import ClipTable
from dssd_tf.training.trainer import train


def train_model(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `history.csv` and `model.keras`; goes on from the last finished epoch."""
    recipe, dataset = workspace.recipe, workspace.dataset
    store, devices = workspace.store, dataset.devices
    in_waveforms = "waveform" in ordered_domains(recipe.augmentation)

    def table(clips: pd.DataFrame, source: object) -> ClipTable:
        return ClipTable(
            source,
            list(clips["filename"]),
            clips["label"].to_numpy(),
            len(dataset.classes),
            devices=np.array([devices.index(name) for name in clips["device"]], dtype=np.int64),
            front_end=recipe.features,
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
        lambda: create_model(
            recipe.model.name,
            input_shape=store.shape,
            classes=len(dataset.classes),
            **recipe.model.options,
        ),
        table(dataset.train, workspace.waveforms if in_waveforms else store),
        table(dataset.validation, store) if len(dataset.validation) else None,
        recipe.training,
        augmentation=prepare_all(recipe.augmentation, context),
        seed=recipe.seed,
        folder=run.training,
        history_path=run.history,
    )
    save_model(model, run.float_model)
    history = pd.read_csv(run.history)
    if "val_loss" not in history:
        return [f"{len(history)} epochs, weights of the last"]
    row = history.iloc[int(history["val_loss"].to_numpy().argmin())]
    return [
        f"best epoch {int(row['epoch'])} of {len(history)}: validation loss "
        f"{row['val_loss']:.3f}, accuracy {row['val_accuracy']:.3f}"
    ]
