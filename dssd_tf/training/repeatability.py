"""Making a training repeatable bit for bit."""

import keras
import numpy as np


def make_repeatable(seed: int) -> None:
    """Seed Python, NumPy and the back end, and keep TensorFlow from reordering sums.

    On CPU, TensorFlow's graph optimizer rewrites sums of gradients in an order that changes
    from process to process (seen with TensorFlow 2.21), so it is switched off for the process;
    a step takes no longer without it.
    """
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def seed_generators(model: keras.Model, seed: int, epoch: int, step: int = 0) -> None:
    """Set the generators of the layers (dropout) to a state that follows from epoch and step.

    Keras does not save their states with a model (seen with Keras 3.15), so a training that goes
    on could not know them.
    """
    states = [v for v in model.variables if v.path.endswith("seed_generator_state")]
    place = [seed, epoch, 0x6E4E]
    random = np.random.default_rng([*place, step] if step else place)
    for state in states:
        state.assign(random.integers(2**32, size=state.shape, dtype=np.uint32))
