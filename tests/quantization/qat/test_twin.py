import keras
import numpy as np
import pytest
from keras import layers

from dssd_tf.errors import ModelError
from dssd_tf.models import create_model
from dssd_tf.quantization.deploy_form import deploy_form
from dssd_tf.quantization.qat import twin as module
from dssd_tf.quantization.qat.twin import fake_quant_logits, make_twin


def _agree(model, x):
    twin = make_twin(deploy_form(model))
    expected = np.asarray(model(x, training=False))
    assert expected.std(axis=0).max() > 1e-3  # else any constant would agree
    found = np.asarray(twin.plain(x, training=False))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * max(1, np.abs(expected).max()))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        pytest.param("dsmn_s", "SS", marks=pytest.mark.slow),
        pytest.param("dsmn_f", "FF", marks=pytest.mark.slow),
        pytest.param("dssdn_large", "SF", marks=pytest.mark.slow),
        pytest.param("dssdn_middle", "SF", marks=pytest.mark.slow),
        ("dssdn_small", "SF"),
    ],
)
def test_float_twin_equals_the_network(narrow, clips, name, pattern):
    model = narrow(name, pattern, widths=(8,) * len(pattern))
    _agree(model, clips(4, (16, 16, 2)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("cp_resnet", (43, 64, 1)),
        ("residual_dssdn_sf", (44, 64, 2)),
        ("cp_mobile", (64, 64, 1)),
        ("baseline_2024", (65, 64, 1)),
        ("baseline_2022", (51, 40, 1)),
    ],
)
def test_float_twin_equals_the_peers(train_like, settle, clips, name, shape):
    keras.utils.set_random_seed(5)
    model = settle(train_like(create_model(name, input_shape=shape, classes=4)))
    _agree(model, clips(3, shape))


def test_rounding_changes_the_outputs_a_little(trained, twin, task):
    x = task(40, 2)[0]
    expected = np.asarray(trained(x, training=False))
    found = fake_quant_logits(twin, x)
    assert found.shape == expected.shape
    assert 0 < np.abs(found - expected).mean() < 0.05 * expected.std()
    assert (found.argmax(1) == expected.argmax(1)).mean() >= 0.95


def test_only_kernels_and_biases_are_trained(twin):
    parameters = sum(w.size for p in twin.primitives for w in p.weights)
    assert sum(int(np.prod(v.shape)) for v in twin.model.trainable_variables) == parameters


def test_layers_keep_their_names(trained, twin):
    names = {layer.name for layer in twin.model.layers}
    assert {"stem", "spread", "mix", "sum", "gates", "gated", "both", "logits"} <= names


def test_fingerprint_tells_weights_and_structure_apart(trained, twin):
    again = make_twin(deploy_form(trained))
    assert again.fingerprint() == twin.fingerprint()
    other = make_twin(deploy_form(trained), shared_add_scale=False)
    assert other.fingerprint() != twin.fingerprint()
    changed = keras.models.clone_model(trained)
    changed.set_weights([weight + 0.01 for weight in trained.get_weights()])
    assert make_twin(deploy_form(changed)).fingerprint() != twin.fingerprint()


def test_an_unsupported_layer_is_named():
    inputs = keras.Input((8, 8, 2))
    x = layers.UpSampling2D(name="enlarge")(inputs)
    with pytest.raises(ModelError, match=r"enlarge: a layer of type UpSampling2D"):
        make_twin(deploy_form(keras.Model(inputs, x)))


def test_a_twin_that_differs_is_not_handed_out(trained, monkeypatch):
    monkeypatch.setattr(module, "fuse_relu", lambda primitives: primitives[:-1])
    with pytest.raises((ModelError, ValueError)):
        make_twin(deploy_form(trained))
    monkeypatch.setattr(module, "TOLERANCE", -1.0)
    monkeypatch.setattr(module, "fuse_relu", lambda primitives: primitives)
    with pytest.raises(ModelError, match="the twin of small differs from the model by"):
        make_twin(deploy_form(trained))
