"""Reading and writing models and weights with this package's layers registered."""

import zipfile
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


def load_weights(model: keras.Model, path: Path | str) -> None:
    """Read the weights of `model` from a `.weights.h5` or `.keras` file of the same network.

    A model without its classifier takes what it has from the file of the whole network.

    Raises:
        ModelError: The file is missing, of another kind, or its weights do not fit.
    """
    path = Path(path)
    if not path.name.endswith((".weights.h5", ".keras")):
        raise ModelError(
            f"is not a file of weights (suffix {path.suffix!r})",
            path=path,
            fix="give a .weights.h5 or .keras file",
        )
    if not path.is_file():
        raise ModelError("no such file of weights", path=path, fix="check the path")
    try:
        model.load_weights(path)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"is not a readable file of weights ({_first_line(error)})",
            path=path,
            fix="copy or save it again",
        ) from error
    except Exception as error:
        raise ModelError(
            f"its weights do not fit {model.name} ({_first_line(error)})",
            path=path,
            fix="give the arguments of the network it was saved from",
        ) from error


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
        whole = zipfile.is_zipfile(path)
        raise ModelError(
            f"is not a readable Keras model ({_first_line(error) if whole else 'no zip archive'})",
            path=path,
            fix="if it has layers of your own, import the module that registers them first"
            if whole
            else "copy or save it again",
        ) from error


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0].rstrip(":") if text else repr(error)
