"""A network without its outputs for the coarse classes."""

import keras
import numpy as np

from dssd_tf.errors import ModelError


def without_coarse(network: keras.Model, smaller: keras.Model) -> keras.Model:
    """`smaller` with the weights of `network`, of whose outputs the last ones are left out.

    The coarse classes serve the training only: what is deployed and counted has none.

    Args:
        network: Trained, with logits of scenes and, behind them, of coarse classes.
        smaller: The same network made with the scenes alone; its weights are replaced.

    Raises:
        ModelError: The two differ in more than the number of outputs.
    """
    outputs, scenes = network.output_shape[-1], smaller.output_shape[-1]
    pairs = list(zip(network.get_weights(), smaller.get_weights(), strict=False))
    same = len(network.weights) == len(smaller.weights)
    if not same or not all(_cut(a.shape, outputs, scenes, b.shape) for a, b in pairs):
        raise ModelError(
            f"{network.name} has other weights with {scenes} outputs than with {outputs}, beside "
            "those of its outputs",
            fix="leave distillation.coarse.head out for this network",
        )
    smaller.set_weights([np.array(a[..., : b.shape[-1]]) if a.ndim else a for a, b in pairs])
    return smaller


def _cut(shape: tuple[int, ...], outputs: int, scenes: int, wanted: tuple[int, ...]) -> bool:
    """Whether weights of `shape` are those of `wanted`, or their leading outputs are."""
    if shape == wanted:
        return True
    return (
        len(shape) == len(wanted) > 0
        and shape[:-1] == wanted[:-1]
        and (shape[-1], wanted[-1]) == (outputs, scenes)
    )
