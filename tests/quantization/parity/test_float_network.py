import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.parity.float_network import FloatNetwork


def test_layers_are_linked_and_give_what_the_model_gives(plain_model, clips):
    deployed = deploy_form(plain_model)
    network = FloatNetwork(deployed)
    names = [layer.name for layer in network.layers]
    assert names == [layer.name for layer in deployed.layers]
    assert network.layers[0].inputs == ()
    for place, layer in enumerate(network.layers[1:], start=1):
        assert layer.inputs and max(layer.inputs) < place
    by_name = dict(zip(names, network.layers, strict=True))
    assert by_name["conv"].weighted and by_name["conv"].kind == "Conv2D"
    assert by_name["conv"].shape == (10, 8, 6)
    clip = clips(1, (12, 10, 1))[0]
    values = network.run(clip)
    assert [len(one) for one in values] == [int(np.prod(one.shape)) for one in network.layers]
    np.testing.assert_allclose(values[-1], deployed(clip[None])[0], rtol=1e-5, atol=1e-6)


def test_axes_of_size_one_are_left_out():
    inputs = keras.Input((1, 6, 2))
    model = keras.Model(inputs, keras.layers.Conv2D(1, 1, name="conv")(inputs))
    assert [layer.shape for layer in FloatNetwork(model).layers] == [(6, 2), (6,)]


def test_what_cannot_be_looked_into_is_refused():
    inputs = keras.Input((None, 6, 2))
    model = keras.Model(inputs, keras.layers.Conv2D(1, 1)(inputs))
    with pytest.raises(ModelError, match="every axis but the batch must be fixed"):
        FloatNetwork(model)

    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ModelError, match="not a functional model"):
        FloatNetwork(Own(name="own"))
