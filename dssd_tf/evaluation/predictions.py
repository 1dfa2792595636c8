"""The table of a run's predictions."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.data.cache import FeatureStore
from dssd_tf.errors import RunError
from dssd_tf.evaluation.predictor import Predictor, softmax
from dssd_tf.files import write_text
from dssd_tf.progress import bar

COLUMNS = ("filename", "recording", "device", "scene_label", "system", "predicted")
"""Columns before those of the classes."""

_BATCH = 64


def predict_store(
    predictor: Predictor, store: FeatureStore, filenames: Sequence[str], description: str
) -> NDArray[np.float32]:
    """Logits (clips, classes) of the named clips of a store.

    Raises:
        RunError: The model's input is not what the store holds.
    """
    positions = store.positions(filenames)
    with bar(description, len(positions)) as advance:
        return predict_positions(predictor, store, positions, advance)


def predict_positions(
    predictor: Predictor,
    store: FeatureStore,
    positions: NDArray[np.int64],
    advance: Callable[[int], None],
) -> NDArray[np.float32]:
    """Logits (clips, classes) of the clips at `positions` (clips,) of a store.

    Args:
        advance: Told the clips of each batch once it is done.

    Raises:
        RunError: The model's input is not what the store holds.
    """
    if tuple(predictor.input_shape) != store.shape:
        raise RunError(
            f"the model takes {tuple(predictor.input_shape)}, the features are {store.shape} "
            "(time, frequency, channels)",
            fix="use the recipe the model was trained with",
        )
    logits = []
    for start in range(0, len(positions), _BATCH):
        part = positions[start : start + _BATCH]
        logits.append(predictor(store.gather(part)))
        advance(len(part))
    return np.concatenate(logits)


def prediction_table(
    clips: pd.DataFrame, system: str, logits: NDArray[np.floating], classes: Sequence[str]
) -> pd.DataFrame:
    """One row a clip: who it is, what was said of it, and the probabilities.

    `clips` has the column filename, and recording, device and scene_label where they are known.
    """
    probabilities = softmax(logits)
    table = clips.reindex(columns=["filename", "recording", "device", "scene_label"]).fillna("")
    table["system"] = system
    table["predicted"] = [classes[i] for i in probabilities.argmax(axis=1)]
    values = pd.DataFrame(probabilities, columns=list(classes), index=table.index)
    return pd.concat([table, values], axis=1)


def write_predictions(path: Path, tables: Sequence[pd.DataFrame]) -> None:
    """Write the tables of all systems as one CSV."""
    text = pd.concat(tables).to_csv(index=False, float_format="%.9g", lineterminator="\n")
    write_text(path, text)


def read_predictions(path: Path) -> pd.DataFrame:
    """Read the table back.

    Raises:
        RunError: The file is missing, is no table or lacks a column.
    """
    if not path.is_file():
        raise RunError("no predictions", path=path, fix="run `dssd evaluate` first")
    text_columns = dict.fromkeys(COLUMNS, str)
    try:
        table = pd.read_csv(path, dtype=text_columns, keep_default_na=False)
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise RunError(
            f"cannot be read ({str(error).strip()})", path=path, fix="run `dssd evaluate` again"
        ) from error
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise RunError(f"lacks the column {missing[0]!r}", path=path)
    return table
