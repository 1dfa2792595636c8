"""Reading and writing `.keras` files with this package's layers registered."""

from pathlib import Path

import keras

import dssd_tf.layers  # noqa: F401  (registers the layers)
from dssd_tf.errors import ModelError
from dssd_tf.files import atomic_path


def save_model(model: keras.Model, path: Path | str) -> None:
    """Write `model` to a `.keras` file atomically.

    Raises:
        ModelError: The path has another suffix.
        DssdError: The file cannot be written.
    """
    path = Path(path)
    if path.suffix != ".keras":
        raise ModelError(
            f"is not a name for a Keras model (suffix {path.suffix!r})",
            path=path,
            fix="end the name in .keras",
        )
    with atomic_path(path) as part:
        model.save(part)


def load_model(path: Path | str, *, compile: bool = False) -> keras.Model:
    """Read a `.keras` file.

    Raises:
        ModelError: The file is missing or is not a Keras model.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError("no such model file", path=path, fix="train first or check the path")
    try:
        return keras.saving.load_model(path, compile=compile)
    except Exception as error:
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise ModelError(f"is not a readable Keras model ({first_line})", path=path) from error
