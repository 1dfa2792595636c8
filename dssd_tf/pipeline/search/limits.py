"""How far a recipe's network is within its edition's limits, before it is trained."""

from dssd_tf.challenge.headroom import network_headroom
from dssd_tf.complexity import measure
from dssd_tf.pipeline.student import make_network
from dssd_tf.pipeline.workspace import Workspace


def overruns(workspace: Workspace) -> dict[str, float]:
    """By limit, what is measured by what is allowed, less 1; above 0 is too much.

    What only the converted file tells is left out; an int8 model's size is estimated at a byte a
    parameter, so the file of a narrow pass may be over: the limits stage of a run has the last
    word.

    Args:
        workspace: The recipe's data at hand.

    Raises:
        ModelError: The network cannot be built.
    """
    recipe = workspace.recipe
    if recipe.challenge.edition is None:
        return {}
    samples = round(recipe.features.sampling_rate * recipe.data.clip_seconds)
    network = make_network(recipe, recipe.features.shape(samples), len(workspace.dataset.classes))
    rows = network_headroom(measure(network), [recipe.challenge.edition])
    return {row.name: row.measured / row.limit - 1 for row in rows if row.measured is not None}
