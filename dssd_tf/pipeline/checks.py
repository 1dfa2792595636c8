"""What can be known to be wrong before anything is computed."""

from dssd_tf.challenge import load_edition, read_entry
from dssd_tf.models import create_model
from dssd_tf.recipe import Recipe


def check_recipe(recipe: Recipe, classes: int) -> None:
    """Build the recipe's network once and read its edition and entry.

    Args:
        recipe: The recipe.
        classes: Number of classes in the data.

    Raises:
        ModelError: The network's name or an option is unknown, or it does not fit the features.
        PackageError: The edition is unknown, or the entry cannot be used.
    """
    samples = round(recipe.features.sampling_rate * recipe.data.clip_seconds)
    create_model(
        recipe.model.name,
        input_shape=recipe.features.shape(samples),
        classes=classes,
        **recipe.model.options,
    )
    if recipe.challenge.edition is not None:
        load_edition(recipe.challenge.edition)
    if recipe.challenge.entry is not None:
        read_entry(recipe.challenge.entry)
