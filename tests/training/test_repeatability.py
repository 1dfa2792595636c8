import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from dssd_tf.training.repeatability import make_repeatable, seed_generators

# Branches that meet: their gradients are sums whose order has to stay.
_SCRIPT = """
import sys
import keras
import numpy as np
from dssd_tf.training.repeatability import make_repeatable

make_repeatable(3)
inputs = keras.Input((8, 8, 2))
x = keras.layers.Conv2D(8, 1)(inputs)
for _ in range(2):
    x = keras.layers.Add()([keras.layers.Conv2D(8, 1, activation="relu")(x) for _ in range(5)])
x = keras.layers.Dropout(0.2)(keras.layers.GlobalAveragePooling2D()(x))
model = keras.Model(inputs, keras.layers.Dense(3)(x))
model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
random = np.random.default_rng(0)
x = random.standard_normal((24, 8, 8, 2)).astype("float32")
model.fit(x, np.eye(3)[np.arange(24) % 3], epochs=3, batch_size=8, verbose=0)
np.savez(sys.argv[1], *model.get_weights())
"""

# The same of another form, with a smaller last batch, which XLA does not compile.
_FORM = """
import sys
import keras
import numpy as np
import tensorflow as tf
from dssd_tf.models.dsmn import DSMN
from dssd_tf.training.computation import Computation
from dssd_tf.training.repeatability import make_repeatable
from dssd_tf.training.step_functions import install_step_functions

make_repeatable(3)
model = DSMN("SF", input_shape=(16, 32, 2), widths=(8, 8), classes=3)
model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
chosen = Computation(COMPUTATION)
install_step_functions(model, chosen, chosen, batch_size=8, evaluation_batch_size=8)
random = np.random.default_rng(0)
x = random.standard_normal((28, 16, 32, 2)).astype("float32")
batches = tf.data.Dataset.from_tensor_slices((x, np.eye(3)[np.arange(28) % 3])).batch(8)
model.fit(batches, epochs=3, shuffle=False, verbose=0)
np.savez(sys.argv[1], *model.get_weights())
"""


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(_SCRIPT, id="plain", marks=pytest.mark.slow),
        pytest.param(
            _FORM.replace("COMPUTATION", '"fused", None'), id="fused", marks=pytest.mark.slow
        ),
        pytest.param(
            _FORM.replace("COMPUTATION", '"shifted", True'), id="compiled", marks=pytest.mark.xla
        ),
    ],
)
def test_two_processes_give_the_same_weights(tmp_path: Path, script: str) -> None:
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    files = [tmp_path / "first.npz", tmp_path / "second.npz"]
    processes = [
        # Another hash seed: nothing may depend on the order of a set.
        subprocess.Popen(
            [sys.executable, "-c", script, str(file)],
            env=environment | {"PYTHONHASHSEED": str(number)},
        )
        for number, file in enumerate(files, start=1)
    ]
    assert [process.wait() for process in processes] == [0, 0]
    first, second = (np.load(file) for file in files)
    assert len(first.files) == len(second.files) > 10
    for name in first.files:
        np.testing.assert_array_equal(first[name], second[name])
    assert np.isfinite(np.concatenate([first[name].ravel() for name in first.files])).all()


def test_seed_decides_the_first_weights() -> None:
    def kernel(seed: int) -> np.ndarray:
        make_repeatable(seed)
        layer = keras.layers.Dense(4)
        layer.build((None, 5))
        return np.asarray(layer.kernel)

    np.testing.assert_array_equal(kernel(1), kernel(1))
    assert not np.array_equal(kernel(1), kernel(2))


@pytest.fixture
def dropped() -> keras.Model:
    inputs = keras.Input((50,))
    x = keras.layers.Dropout(0.5)(inputs)
    return keras.Model(inputs, keras.layers.Concatenate()([x, keras.layers.Dropout(0.5)(inputs)]))


def test_generators_follow_from_seed_and_epoch(dropped: keras.Model) -> None:
    x = np.ones((2, 50), np.float32)

    def masks(seed: int, epoch: int) -> np.ndarray:
        seed_generators(dropped, seed, epoch)
        return np.asarray(dropped(x, training=True))

    first = masks(1, 1)
    dropped(x, training=True)
    np.testing.assert_array_equal(masks(1, 1), first)
    for seed, epoch in ((1, 2), (2, 1)):
        assert not np.array_equal(masks(seed, epoch), first)
    # Two layers do not drop alike.
    assert not np.array_equal(first[:, :50], first[:, 50:])
