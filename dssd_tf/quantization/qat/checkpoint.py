"""The state of a fine-tuning between two epochs, kept so that it can go on exactly."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import RunError
from dssd_tf.files import atomic_path, read_json, write_json
from dssd_tf.training.checkpoint import Progress


def save_state(
    folder: Path, identity: str, variables: dict[str, Sequence[Any]], progress: Progress
) -> None:
    """Write the state of a finished epoch, then drop the one before.

    A state's folder appears as a whole or not at all.

    Args:
        folder: Where the states lie.
        identity: Of what is trained, and how.
        variables: ``weights`` and ``optimizer``.
        progress: With the epoch just finished; `best_epoch` tells whether it is the best.
    """
    before = _latest(folder)
    with atomic_path(folder / f"epoch-{progress.epoch:05d}") as part:
        part.mkdir()
        for name, values in variables.items():
            write_arrays(part / f"{name}.npz", values)
        if progress.best_epoch == progress.epoch or before is None:
            shutil.copyfile(part / "weights.npz", part / "best.npz")
        else:
            shutil.copyfile(before / "best.npz", part / "best.npz")
        state = {"identity": identity, "progress": asdict(progress)}
        write_json(part / "state.json", state)
    if before is not None:
        shutil.rmtree(before, ignore_errors=True)


def load_state(folder: Path, identity: str, variables: dict[str, Sequence[Any]]) -> Progress | None:
    """Set the variables to the newest state; None if there is none of this identity.

    Raises:
        RunError: The state cannot be read.
    """
    latest = _latest(folder)
    if latest is None:
        return None
    try:
        state = read_json(latest / "state.json")
        if state["identity"] != identity:
            return None
        arrays = {name: read_arrays(latest / f"{name}.npz") for name in variables}
        for name, values in variables.items():
            assign_all(values, arrays[name])
        return Progress(**state["progress"])
    except Exception as error:
        reason = (str(error).strip() or repr(error)).splitlines()[0]
        raise RunError(
            f"the state of the fine-tuning cannot be read ({reason})",
            path=latest,
            fix="remove this folder to fine-tune from the start",
        ) from error


def best_arrays(folder: Path) -> list[NDArray[Any]]:
    """The weights of the best epoch.

    Raises:
        RunError: No epoch was finished.
    """
    latest = _latest(folder)
    if latest is None:
        raise RunError("no finished epoch", path=folder, fix="run `dssd quantize` first")
    return read_arrays(latest / "best.npz")


def write_arrays(path: Path, values: Sequence[Any]) -> None:
    """Write arrays in order."""
    with path.open("wb") as file:
        np.savez(file, **{f"{n:05d}": np.asarray(value) for n, value in enumerate(values)})  # type: ignore[arg-type]


def read_arrays(path: Path) -> list[NDArray[Any]]:
    """Read them back."""
    with np.load(path, allow_pickle=False) as file:
        return [file[name] for name in sorted(file.files)]


def assign_all(variables: Sequence[Any], arrays: Sequence[NDArray[Any]]) -> None:
    """Set variables to arrays.

    Raises:
        ValueError: There are more or fewer, or shapes differ.
    """
    if [tuple(v.shape) for v in variables] != [a.shape for a in arrays]:
        raise ValueError("arrays of another network")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _latest(folder: Path) -> Path | None:
    if not folder.is_dir():
        return None
    return max((p for p in folder.iterdir() if re.fullmatch(r"epoch-\d{5}", p.name)), default=None)
