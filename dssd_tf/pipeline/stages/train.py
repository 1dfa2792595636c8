"""Stage: train the float model."""

import pandas as pd

from dssd_tf.models import create_model, save_model
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.training.trainer import ClipTable, train


def train_model(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `history.csv` and `model.keras`; goes on from the last finished epoch."""
    recipe, dataset = workspace.recipe, workspace.dataset
    store = workspace.store

    def table(clips: pd.DataFrame) -> ClipTable:
        return ClipTable(
            store, list(clips["filename"]), clips["label"].to_numpy(), len(dataset.classes)
        )

    model = train(
        lambda: create_model(
            recipe.model.name,
            input_shape=store.shape,
            classes=len(dataset.classes),
            **recipe.model.options,
        ),
        table(dataset.train),
        table(dataset.validation) if len(dataset.validation) else None,
        recipe.training,
        augmentation=recipe.augmentation,
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
