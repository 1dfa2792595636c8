"""Telling that another worker has ended."""

import contextlib
from collections.abc import Iterator

from dssd_tf.errors import RunError


@contextlib.contextmanager
def worker_failure(workers: int) -> Iterator[None]:
    """Give one line instead of TensorFlow's error when another worker is gone.

    A worker whose process ends is noticed at once, one whose machine is gone within about ten
    seconds by its missing heartbeats.

    Args:
        workers: Of the training; with one, errors are left as they are.

    Raises:
        RunError: Another worker has ended.
    """
    if workers == 1:
        yield
        return
    import tensorflow as tf

    signs = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.DeadlineExceededError)
    try:
        yield
    except signs as error:
        raise RunError(
            "another worker has ended, and the training with it",
            fix="see what it says; then start all workers again with --resume, to go on from the "
            "last checkpoint",
        ) from error
