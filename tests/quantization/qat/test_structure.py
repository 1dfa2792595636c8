import keras
import numpy as np
from keras import layers

from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.qat.structure import trained_parts
from dssd_tf.quantization.qat.twin import make_twin


def test_zeros_and_equal_taps_stand_for_structure():
    inputs = keras.Input((8, 8, 4))
    x = layers.Conv2D(4, 1, name="mix")(inputs)
    x = layers.DepthwiseConv2D(2, strides=2, name="pool")(x)
    model = keras.Model(inputs, layers.Conv2D(2, 3, padding="same", name="last")(x))
    mix = np.ones((1, 1, 4, 4), "f4") + np.eye(4, dtype="f4")
    mix[0, 0, :2, 2:] = 0
    model.get_layer("mix").set_weights([mix, np.zeros(4)])
    model.get_layer("pool").set_weights([np.full((2, 2, 4, 1), 0.25), np.zeros(4)])
    twin = make_twin(deploy_form(model))
    parts = trained_parts(twin)
    values = [np.asarray(v) for v in twin.model.trainable_variables]
    assert [part.shape for part in parts] == [value.shape for value in values]
    kernels = {value.shape: part for value, part in zip(values, parts, strict=True)}
    np.testing.assert_array_equal(kernels[(1, 1, 4, 4)], mix != 0)
    assert not kernels[(2, 2, 4, 1)].any()
    assert kernels[(3, 3, 4, 2)].all()
    # Biases of zero are parameters, but for those of the pool.
    biases = [part.all() for part, value in zip(parts, values, strict=True) if value.shape == (4,)]
    assert sorted(biases) == [False, True]
