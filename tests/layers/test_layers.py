"""All layers together: their names with Keras, and a file that another process reads."""

import subprocess
import sys

import keras
import numpy as np
import pytest

import dssd_tf.layers as room


def test_every_exported_layer_is_registered_under_the_package():
    exported = [getattr(room, name) for name in room.__all__]
    layers = [item for item in exported if isinstance(item, type)]
    assert {"DistilledBlock", "OrthonormalRegularizer", "SeparableConv"} <= {
        layer.__name__ for layer in layers
    }
    for layer in layers:
        name = keras.saving.get_registered_name(layer)
        assert name == f"dssd_tf>{layer.__name__}"
        assert keras.saving.get_registered_object(name) is layer


@pytest.mark.timeout(200)
def test_a_fresh_process_reads_all_layers_after_importing_the_room(tmp_path, randomize):
    inputs = x = keras.Input((8, 16, 4))
    low, high = room.FrequencySplit()(x)
    x = keras.layers.Add()([room.SeparableConv(4)(low), high])
    x = room.SeparableConv(4, grouped=True, dilation_rate=1)(x)
    x = room.EfficientChannelAttention(5)(room.GroupedPointwiseConv(2)(x))
    x = room.DistilledBlock(4, split=True)(x)
    x = room.DistilledBlock(6, operator="sc_g", split=False, distilled_filters=2)(x)
    x = room.StridedDepthwiseConv(1, strides=(1, 2))(room.GlobalResponseNorm()(x))
    model = randomize(keras.Model(inputs, x))
    batch = np.random.default_rng(0).normal(size=(3, 8, 16, 4)).astype("float32")
    expected = np.asarray(model(batch, training=False))
    assert expected.std() > 1e-3
    model.save(tmp_path / "all.keras")
    np.savez(tmp_path / "data.npz", x=batch, y=expected)
    code = (
        "import sys, dssd_tf.layers, keras, numpy as np\n"
        "model = keras.saving.load_model(sys.argv[1])\n"
        "data = np.load(sys.argv[2])\n"
        "print(np.abs(np.asarray(model(data['x'], training=False)) - data['y']).max())\n"
    )
    command = [sys.executable, "-c", code, tmp_path / "all.keras", tmp_path / "data.npz"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1e-5 * np.abs(expected).max()
