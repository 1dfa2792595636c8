"""The history as TensorBoard reads it."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from dssd_tf.errors import RunError


def require_tensorboard() -> None:
    """Check that TensorBoard is installed, without which TensorFlow writes nothing.

    Raises:
        RunError: It is not.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise RunError(
            "training.tensorboard needs the package tensorboard, which is not installed",
            fix="pip install 'dssd_tf[tensorboard]', or set training.tensorboard to false",
        )


def write_scalars(folder: Path, history: Sequence[dict[str, float]], first: int = 0) -> None:
    """Add rows of the history as scalars, with the epoch as the step.

    Args:
        folder: Where event files are written; made if it does not exist.
        history: One row an epoch.
        first: Rows before this one are there already.
    """
    import tensorflow as tf

    with tf.summary.create_file_writer(str(folder)).as_default():
        for row in history[first:]:
            for name, value in row.items():
                if name != "epoch":
                    tf.summary.scalar(name, value, step=int(row["epoch"]))
