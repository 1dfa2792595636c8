"""Stage: train the float model."""

import keras
import pandas as pd

from dssd_tf.energy import measure_energy, no_energy, require_codecarbon
from dssd_tf.models import save_model
from dssd_tf.pipeline.energy import note_energy
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.student import make_network, make_student
from dssd_tf.pipeline.student_teachers import load_teachers
from dssd_tf.pipeline.training_clips import (
    prepared_augmentation,
    training_clips,
    validation_clips,
)
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.training.devices import writes_run
from dssd_tf.training.distillation.without_coarse import without_coarse
from dssd_tf.training.start import Teaching
from dssd_tf.training.trainer import train


def train_model(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `history.csv` and `model.keras`; goes on from the last finished epoch.

    A further worker of several trains along and writes nothing.
    """
    recipe, dataset = workspace.recipe, workspace.dataset
    store = workspace.store
    resumed = run.training.is_dir()
    if recipe.training.energy:
        require_codecarbon()

    def work() -> keras.Model:
        return train(
            lambda: make_student(recipe, store.shape, dataset.classes),
            training_clips(workspace),
            validation_clips(workspace),
            recipe.training,
            augmentation=prepared_augmentation(workspace),
            teaching=_teaching(workspace),
            seed=recipe.seed,
            folder=run.training,
            history_path=run.history,
        )

    model, energy = measure_energy(work) if recipe.training.energy else (work(), None)
    if not writes_run(recipe.training.devices):
        return []
    if energy is not None:
        if resumed:
            reason = "the training was interrupted: what it took before is not known"
            energy = no_energy(energy.seconds, reason)
        note_energy(run, training=energy)
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


def _teaching(workspace: Workspace) -> Teaching | None:
    config, classes = workspace.recipe.distillation, workspace.dataset.classes
    if config is None:
        return None
    return Teaching(config, classes, load_teachers(workspace.live_teachers, classes))
