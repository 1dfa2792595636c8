"""Stage: read the dataset and prepare its features."""

from dssd_tf.models import create_model
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.recipe import Recipe


def prepare(run: RunFolder, workspace: Workspace) -> list[str]:
    """Read the tables and fill the feature cache; a wrong model fails here, before hours."""
    dataset = workspace.dataset
    check_model(workspace.recipe, len(dataset.classes))
    store = workspace.store
    remarks = [
        f"{len(dataset.train)} training, {len(dataset.validation)} validation, "
        f"{len(dataset.test)} test clips of {len(dataset.classes)} classes",
        f"{store.shape[0]} frames x {store.shape[1]} bands x {store.shape[2]} channels",
    ]
    clips = workspace.evaluation_clips
    if clips is not None and workspace.evaluation_store is not None:
        remarks.append(f"{len(clips)} evaluation clips")
    return remarks


def check_model(recipe: Recipe, classes: int) -> None:
    """Build the recipe's network once, to see whether it can be built.

    Raises:
        ModelError: Its name or an option is unknown, or it does not fit the features.
    """
    samples = round(recipe.features.sampling_rate * recipe.data.clip_seconds)
    create_model(
        recipe.model.name,
        input_shape=recipe.features.shape(samples),
        classes=classes,
        **recipe.model.options,
    )
