"""Making a training repeatable bit for bit."""

import keras


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
