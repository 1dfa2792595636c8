"""The layers and networks on a second Keras back end, against TensorFlow's numbers.

Optional: a back end that is not installed is skipped. To use one that lives in another
environment, set DSSD_BACKEND_PYTHON to that environment's Python; it needs keras, numpy, pytest
and jax or torch, and no TensorFlow. The same file is the test and, run as a script by that
Python, the second back end's half of it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import dssd_tf.layers as room
from dssd_tf.models import create_model, load_model, save_model

TENSORFLOW_LOADED = "tensorflow" in sys.modules
SHAPE = (2, 6, 8, 8)
NARROW: dict[str, Any] = {"input_shape": (16, 16, 1), "pattern": "SF", "widths": (8, 8)}
CASES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("CrossDepthwiseConv", {"dilation_rate": 2}),
    ("EfficientChannelAttention", {"kernel_size": 3}),
    ("FrequencySplit", {}),
    ("GlobalResponseNorm", {}),
    ("GroupedPointwiseConv", {"filters": 4}),
    ("SeparableConv", {"filters": 4}),
    ("SeparableConv", {"filters": 8, "grouped": True, "dilation_rate": 1}),
    ("OrthonormalSeparableConv", {"filters": 6}),
    ("SeparablePartialConv", {"filters": 8}),
    ("SeparablePartialConv", {"filters": 6}),
    ("StridedDepthwiseConv", {"kernel_size": 3, "strides": (1, 2)}),
    # The network below has blocks of all operators.
    ("DistilledBlock", {"filters": 6, "operator": "osc", "split": True}),
    ("DistilledBlock", {"filters": 6, "operator": "sc", "split": False}),
    ("ResidualDistilledBlock", {"filters": 6, "operator": "sc", "split": True}),
    ("ResidualDistilledBlock", {"filters": 8, "operator": "sc", "split": False}),
)


def _layer(index: int) -> Any:
    name, config = CASES[index]
    layer = getattr(room, name)(**config)
    layer.build(SHAPE)
    return layer


def _outputs(layer: Any, x: np.ndarray) -> np.ndarray:
    found = layer(x, training=False)
    parts = found if isinstance(found, tuple) else (found,)
    return np.stack([keras.ops.convert_to_numpy(part) for part in parts])


def _penalty(layer: Any, x: np.ndarray) -> float:
    layer(x, training=True)
    return float(sum(keras.ops.convert_to_numpy(loss) for loss in layer.losses))


def _step(model: keras.Model, data: Any) -> float:
    """One step of gradient descent; the loss before it."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss)
    fitted = model.fit(data["clips"], data["labels"], batch_size=4, epochs=1, verbose=0)
    return float(fitted.history["loss"][0])


def _step_from_orthonormal_rows() -> bool:
    """Whether a step from a penalty of exactly 0, where its root has no slope, stays finite."""
    layer = keras.layers.Conv2D(4, 1, kernel_regularizer=room.OrthonormalRegularizer())
    model = keras.Sequential([keras.Input((2, 2, 4)), layer, keras.layers.Flatten()])
    layer.kernel.assign(np.eye(4, dtype="float32")[None, None])
    _step(model, {"clips": np.ones((4, 2, 2, 4), "float32"), "labels": np.zeros(4, "int32")})
    return all(np.isfinite(weight).all() for weight in model.get_weights())


def _on_second_back_end(folder: Path) -> dict[str, Any]:
    """What this process's back end gives for the cases in `folder`."""
    found: dict[str, Any] = {"backend": keras.backend.backend(), "tensorflow": TENSORFLOW_LOADED}
    with np.load(folder / "layers.npz") as data:
        found["layers"], found["penalties"] = [], []
        for index in range(len(CASES)):
            layer = _layer(index)
            layer.set_weights([data[f"{index}_{k}"] for k in range(len(layer.weights))])
            difference = np.abs(_outputs(layer, data["x"]) - data[f"{index}_y"]).max()
            found["layers"].append(float(difference))
            found["penalties"].append(_penalty(layer, data["x"]))
    with np.load(folder / "network.npz") as data:
        model = load_model(folder / "network.keras")
        found["network"] = float(np.abs(model.predict(data["clips"], verbose=0) - data["y"]).max())
        found["loss"] = _step(model, data)
        after = [np.abs(w - data[f"after_{k}"]).max() for k, w in enumerate(model.get_weights())]
        found["weights"] = float(max(after))
    found["finite"] = _step_from_orthonormal_rows()
    found["parameters"] = create_model("dssdn_small", **NARROW).count_params()
    return found


def _network() -> keras.Model:
    """All operators in blocks of both forms, without dropout, so that a step is repeatable."""
    inputs = x = keras.Input((16, 16, 4))
    for index, operator in enumerate(room.OPERATORS):
        x = room.DistilledBlock(8, operator=operator, split=index % 2 == 0)(x)
    return keras.Model(inputs, keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(x)))


@pytest.fixture(scope="module")
def by_tensorflow(tmp_path_factory, randomize):
    """A folder with weights, inputs and TensorFlow's outputs, and the figures to compare."""
    assert keras.backend.backend() == "tensorflow"
    folder = tmp_path_factory.mktemp("backends")
    random = np.random.default_rng(0)
    arrays = {"x": random.normal(size=SHAPE).astype("float32")}
    penalties = []
    for index in range(len(CASES)):
        layer = randomize(_layer(index), index)
        arrays |= {f"{index}_{k}": weight for k, weight in enumerate(layer.get_weights())}
        arrays[f"{index}_y"] = _outputs(layer, arrays["x"])
        assert arrays[f"{index}_y"].std() > 1e-3
        penalties.append(_penalty(layer, arrays["x"]))
    np.savez(folder / "layers.npz", **arrays)

    keras.utils.set_random_seed(1)
    model = _network()
    save_model(model, folder / "network.keras")
    data = {
        "clips": random.normal(size=(4, 16, 16, 4)).astype("float32"),
        "labels": random.integers(0, 3, 4),
    }
    data["y"] = model.predict(data["clips"], verbose=0)
    before = model.get_weights()
    loss = _step(model, data)
    assert max(np.abs(a - b).max() for a, b in zip(model.get_weights(), before, strict=True)) > 0.01
    data |= {f"after_{k}": weight for k, weight in enumerate(model.get_weights())}
    np.savez(folder / "network.npz", **data)
    return folder, penalties, loss


def test_every_layer_of_the_room_has_a_case():
    exported = [getattr(room, name) for name in room.__all__]
    layers = {
        item.__name__
        for item in exported
        if isinstance(item, type) and issubclass(item, keras.layers.Layer)
    }
    assert {name for name, _ in CASES} == layers


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_second_back_end_gives_the_numbers_of_tensorflow(request, repository, backend):
    python = os.environ.get("DSSD_BACKEND_PYTHON", sys.executable)
    look = f"import importlib.util as u, sys; sys.exit(u.find_spec({backend!r}) is None)"
    if subprocess.run([python, "-c", look], check=False).returncode:
        pytest.skip(f"{backend} is not installed in {python}; see DSSD_BACKEND_PYTHON")
    folder, penalties, loss = request.getfixturevalue("by_tensorflow")
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(repository)}
    environment["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"  # compiling is nearly all of the time
    command = [python, __file__, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["backend"] == backend
    assert not found["tensorflow"], "dssd_tf.layers or dssd_tf.models imports tensorflow"
    for (name, config), difference in zip(CASES, found["layers"], strict=True):
        assert difference < 1e-4, (name, config)
    np.testing.assert_allclose(found["penalties"], penalties, atol=1e-4)
    assert sum(penalty > 0 for penalty in penalties) == 2  # OSC alone, and in a block
    assert found["network"] < 1e-4
    assert found["loss"] == pytest.approx(loss, abs=1e-4)
    assert found["weights"] < 1e-3
    assert found["finite"]
    assert found["parameters"] == create_model("dssdn_small", **NARROW).count_params()


if __name__ == "__main__":
    print(json.dumps(_on_second_back_end(Path(sys.argv[1]))))
