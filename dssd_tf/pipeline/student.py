"""The network that a recipe trains."""

from collections.abc import Sequence

import keras

from dssd_tf.models import create_model
from dssd_tf.pipeline.initial_weights import load_initial_weights
from dssd_tf.recipe import Recipe


def make_student(
    recipe: Recipe, input_shape: tuple[int, int, int], classes: Sequence[str]
) -> keras.Model:
    """The network as it is trained: with logits of coarse classes, where they have a head.

    It has the weights that the recipe starts from, or fresh ones.

    Args:
        recipe: The recipe.
        input_shape: (time, frequency, channels) of a clip's features.
        classes: The scenes.

    Raises:
        ModelError: The network's name or an option is unknown, it does not fit the features, or
            the coarse classes do not fit the scenes, or the weights to start from are not there
            or not those of this network.
    """
    coarse = None if recipe.distillation is None else recipe.distillation.coarse
    outputs = len(classes)
    if coarse is not None:
        coarse.membership(classes)
        outputs += len(coarse.names) if coarse.head else 0
    model = make_network(recipe, input_shape, outputs)
    if recipe.model.weights is not None:
        load_initial_weights(model, recipe.model.weights)
    return model


def make_network(recipe: Recipe, input_shape: tuple[int, int, int], outputs: int) -> keras.Model:
    """The network with so many outputs.

    Raises:
        ModelError: See `make_student`.
    """
    return create_model(
        recipe.model.name, input_shape=input_shape, classes=outputs, **recipe.model.options
    )
