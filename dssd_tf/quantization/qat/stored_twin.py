"""A fine-tuned twin in the run's folder, to be had again."""

from pathlib import Path
from typing import Any

import keras

from dssd_tf.errors import ModelError, RunError
from dssd_tf.files import atomic_path, read_json, write_json
from dssd_tf.quantization.qat.checkpoint import assign_all, read_arrays, write_arrays
from dssd_tf.quantization.qat.primitive import Primitive
from dssd_tf.quantization.qat.twin import Twin, assemble_twin, assert_equal

_FIX = "run `dssd quantize` again"


def save_twin(twin: Twin, folder: Path) -> None:
    """Write the twin as `folder`, which appears as a whole.

    Its primitives are stored with it: another version of the package may make other ones of the
    same model, and the twin is to stay that of the .tflite file.
    """
    with atomic_path(folder) as part:
        part.mkdir()
        write_arrays(part / "weights.npz", twin.model.weights)
        write_arrays(part / "float.npz", [w for p in twin.primitives for w in p.weights])
        notes = {
            "network": twin.name,
            "shared_add_scale": twin.shared_add_scale,
            "primitives": [_as_json(primitive) for primitive in twin.primitives],
        }
        write_json(part / "twin.json", notes)


def load_twin(model: keras.Model, folder: Path) -> Twin:
    """The twin of a float model that `save_twin` wrote.

    Args:
        model: The float model it was made of.
        folder: The twin's.

    Raises:
        RunError: There is no twin, it cannot be read, or it was made of another model.
    """
    if not (folder / "twin.json").is_file():
        raise RunError(
            "holds no fine-tuned twin", path=folder, fix="run `dssd quantize --method qat` first"
        )
    try:
        notes = read_json(folder / "twin.json")
        weights = iter(read_arrays(folder / "float.npz"))
        primitives = [
            _from_json(row, tuple(next(weights) for _ in range(row["weights"])))
            for row in notes["primitives"]
        ]
        twin = assemble_twin(
            notes["network"], primitives, shared_add_scale=bool(notes["shared_add_scale"])
        )
        assign_all(twin.model.weights, read_arrays(folder / "weights.npz"))
    except Exception as error:
        reason = (str(error).strip() or repr(error)).splitlines()[0]
        raise RunError(f"the twin cannot be read ({reason})", path=folder, fix=_FIX) from error
    try:
        assert_equal(model, twin)
    except ModelError as error:
        raise RunError(
            f"was made of another model than {model.name} as it is now", path=folder, fix=_FIX
        ) from error
    return twin


def _as_json(primitive: Primitive) -> dict[str, Any]:
    options = dict(primitive.options)
    if "key" in options:
        options["key"] = [[part.start, part.stop, part.step] for part in options["key"]]
    return {
        "kind": primitive.kind,
        "name": primitive.name,
        "inputs": primitive.inputs,
        "options": options,
        "activation": primitive.activation,
        "weights": len(primitive.weights),
    }


def _from_json(row: dict[str, Any], weights: tuple[Any, ...]) -> Primitive:
    options = {name: _tuples(value) for name, value in row["options"].items()}
    if "key" in options:
        options["key"] = tuple(slice(*part) for part in options["key"])
    inputs = tuple(row["inputs"])
    return Primitive(row["kind"], row["name"], inputs, options, weights, row["activation"])


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
