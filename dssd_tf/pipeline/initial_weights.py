"""The weights that a training starts from."""

from pathlib import Path

import keras

from dssd_tf.errors import ModelError
from dssd_tf.models import load_model
from dssd_tf.pipeline.run_folder import RunFolder


def load_initial_weights(model: keras.Model, source: Path) -> None:
    """Give `model` the weights of a trained network of the same make.

    Args:
        model: Changed in place, statistics of BatchNorm included.
        source: A run's folder or a `.keras` file.

    Raises:
        ModelError: There is no such model, or its weights have other shapes.
        RunError: `source` is a folder without a run or without a model yet.
    """
    if source.is_dir():
        source = RunFolder.existing(source).require(RunFolder(source).float_model, "train")
    if not source.is_file():
        raise ModelError("no such weights to start from", path=source, fix="mend model.weights")
    other = load_model(source)
    wanted, found = ([tuple(w.shape) for w in m.weights] for m in (model, other))
    if wanted != found:
        raise ModelError(
            f"its {len(found)} weights are not those of the recipe's network, which has "
            f"{len(wanted)} or others in shape",
            path=source,
            fix="give model.weights of the same network, options, features and classes",
        )
    model.set_weights(other.get_weights())
