"""All layers together: their names with Keras, and a file that another process reads."""

import subprocess
import sys

import keras
import numpy as np
import pytest

import dssd_tf.layers as room


def _layers():
    """The exported layers, without other classes such as regularizers."""
    exported = [getattr(room, name) for name in room.__all__]
    return [
        item for item in exported if isinstance(item, type) and issubclass(item, keras.layers.Layer)
    ]


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


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_fresh_process_reads_all_layers_after_importing_the_room(tmp_path, randomize):
    inputs = x = keras.Input((16, 16, 4))
    low, high = room.FrequencySplit()(x)
    x = keras.layers.Add()([room.SeparableConv(4)(low), high])
    x = room.SeparableConv(4, grouped=True, dilation_rate=1)(x)
    x = room.EfficientChannelAttention(5)(room.GroupedPointwiseConv(2)(x))
    x = room.ResidualDistilledBlock(4, split=False, pool_size=(1, 1), dilation_rate=1)(x)
    x = room.DistilledBlock(4, split=True)(x)
    x = room.DistilledBlock(6, operator="sc_g", split=False, distilled_filters=2)(x)
    x = room.SeparablePartialConv(6)(room.CrossDepthwiseConv(3)(x))
    x = room.OrthonormalSeparableConv(5, penalty=0.3)(room.SeparablePartialConv(8)(x))
    orthonormal = room.OrthonormalRegularizer(0.2)
    x = keras.layers.Conv2D(8, 1, kernel_regularizer=orthonormal, name="regularized")(x)
    x = room.DistilledBlock(6, operator="osc", split=False, distilled_filters=8)(x)
    x = room.StridedDepthwiseConv(1, strides=(1, 2))(room.GlobalResponseNorm()(x))
    model = randomize(keras.Model(inputs, x))
    batch = np.random.default_rng(0).normal(size=(3, 16, 16, 4)).astype("float32")
    expected = np.asarray(model(batch, training=False))
    assert expected.std() > 1e-3
    model.save(tmp_path / "all.keras")
    np.savez(tmp_path / "data.npz", x=batch, y=expected)
    code = (
        "import sys, dssd_tf.layers, keras, numpy as np\n"
        "model = keras.saving.load_model(sys.argv[1])\n"
        "data = np.load(sys.argv[2])\n"
        "print(np.abs(np.asarray(model(data['x'], training=False)) - data['y']).max())\n"
        "print(type(model.get_layer('regularized').kernel_regularizer).__name__)\n"
    )
    command = [sys.executable, "-c", code, tmp_path / "all.keras", tmp_path / "data.npz"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    difference, regularizer = done.stdout.split()
    assert float(difference) < 1e-5 * np.abs(expected).max()
    assert regularizer == "OrthonormalRegularizer"
    used = {type(layer).__name__ for layer in model.layers}
    assert {item.__name__ for item in _layers()} <= used


@pytest.mark.slow
def test_two_of_the_layers_serve_in_a_model_of_other_makers(tmp_path):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((16, 12, 1))
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    x = keras.layers.MaxPooling2D(2)(x)
    x = room.SeparablePartialConv(8)(x)
    x = keras.layers.Dropout(0.1)(keras.layers.MaxPooling2D(2)(x))
    x = room.OrthonormalSeparableConv(6)(x)
    x = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(x))
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    random = np.random.default_rng(0)
    batch = random.normal(size=(6, 16, 12, 1)).astype("float32")
    labels = random.integers(0, 3, 6)
    before = [np.array(weight) for weight in model.trainable_weights]
    history = model.fit(batch, labels, batch_size=6, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert not np.array_equal(np.array(weight), old), weight.path

    model.save(tmp_path / "theirs.keras")
    reloaded = keras.saving.load_model(tmp_path / "theirs.keras")
    expected = model.predict(batch, verbose=0)
    assert expected.std(axis=0).max() > 1e-4
    np.testing.assert_allclose(reloaded.predict(batch, verbose=0), expected, atol=1e-6)
    assert reloaded.evaluate(batch, labels, verbose=0) == pytest.approx(
        model.evaluate(batch, labels, verbose=0), abs=1e-5
    )
