"""The fold of a data folder that the actions of `dssd bank` look at."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dssd_tf.data import Dataset


def read_training_list(root: Path, fold: int | None, split: int | None) -> "Dataset":
    """The fold or split with its whole training list, nothing of it held out.

    Raises:
        DssdError: The number is out of range, or the data cannot be read.
    """
    from pydantic import ValidationError

    from dssd_tf.config_errors import describe_errors
    from dssd_tf.data import DataConfig, read_dataset
    from dssd_tf.errors import DssdError

    try:
        config = DataConfig(
            fold=1 if fold is None else fold,
            split=split,
            validation_fraction=0.0,
            # Only the lists are looked at here; a leak within them is told of each teacher.
            allow_leaky_fold=True,
        )
    except ValidationError as error:
        raise DssdError(describe_errors(error, DataConfig)) from error
    return read_dataset(root, config)
