import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from keras import layers

from dssd_tf.errors import ModelError
from dssd_tf.models import create_model
from dssd_tf.quantization.ptq import quantize_ptq


def _interpreter(content):
    interpreter = Interpreter(
        model_content=content,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    return interpreter


def _run(content, x):
    """Float outputs (clips, classes) of an int8 file, clip by clip."""
    interpreter = _interpreter(content)
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    scale, zero = source["quantization"]
    results = []
    for clip in x:
        quantized = np.clip(np.round(clip / scale) + zero, -128, 127).astype(np.int8)
        interpreter.set_tensor(source["index"], quantized[None])
        interpreter.invoke()
        results.append(interpreter.get_tensor(target["index"])[0].astype("float64"))
    scale, zero = target["quantization"]
    return (np.stack(results) - zero) * scale


def _close(found, expected):
    """Nearly the same outputs, and the same decision for nearly all clips."""
    assert np.abs(found - expected).mean() < 0.05 * expected.std()
    decisions = expected.argmax(axis=1)
    assert len(set(decisions.tolist())) > 1
    assert (found.argmax(axis=1) == decisions).mean() >= 0.9


def test_network_is_int8_in_int8_out_batch_one(int8_network):
    interpreter = _interpreter(int8_network)
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert (source["dtype"], tuple(source["shape"])) == (np.int8, (1, 16, 16, 2))
    assert (target["dtype"], tuple(target["shape"])) == (np.int8, (1, 4))
    assert tuple(source["shape_signature"]) == (1, 16, 16, 2)
    types = {tensor["dtype"] for tensor in interpreter.get_tensor_details()}
    assert types <= {np.int8, np.int32}


def test_network_in_int8_stays_close_to_float_on_unseen_clips(int8_network, network, clips):
    x = clips(60, (16, 16, 2), seed=1)
    _close(_run(int8_network, x), np.asarray(network(x, training=False)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dssdn_middle", "dssdn_small"])
def test_other_operators_are_integers_throughout_and_follow_the_float_model(narrow, clips, name):
    model, calibration = narrow(name, "SF"), clips(32, (16, 16, 2))
    for _ in range(30):
        model(calibration, training=True)  # the normalizations' statistics, as after training
    # An untrained network prefers one class; without its mean output the clips decide.
    bias = model.get_layer("logits").bias
    bias.assign_sub(np.asarray(model(calibration, training=False)).mean(axis=0))
    content = quantize_ptq(model, calibration)
    details = _interpreter(content).get_tensor_details()
    assert {tensor["dtype"] for tensor in details} <= {np.int8, np.int32}
    x = clips(60, (16, 16, 2), seed=1)
    expected = np.asarray(model(x, training=False))
    found = _run(content, x)
    # Logits that vary this little about their mean lose up to a tenth of it to eight bits.
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.97
    assert np.abs(found - expected).mean() < 0.15 * expected.std()


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
def test_the_peers_are_integers_throughout_and_follow_the_float_model(
    train_like, settle, clips, name, shape
):
    keras.utils.set_random_seed(5)
    model = settle(train_like(create_model(name, input_shape=shape, classes=4)))
    content = quantize_ptq(model, clips(16, shape, seed=1))
    details = _interpreter(content).get_tensor_details()
    assert {tensor["dtype"] for tensor in details} <= {np.int8, np.int32}
    x = clips(24, shape, seed=2)
    expected, found = np.asarray(model(x, training=False)), _run(content, x)
    # By class about its mean: an untrained network prefers one class whatever it hears.
    away = [(values - values.mean(axis=0)).ravel() for values in (expected, found)]
    assert np.corrcoef(*away)[0, 1] > 0.9


def test_plain_keras_model_in_int8_stays_close_to_float(plain_model, clips):
    content = quantize_ptq(plain_model, clips(32, (12, 10, 1)))
    x = clips(60, (12, 10, 1), seed=1)
    _close(_run(content, x), np.asarray(plain_model(x, training=False)))


@pytest.mark.parametrize("shape", [(4, 8, 16, 2), (4, 16, 16, 1), (0, 16, 16, 2), (16, 16, 2)])
def test_calibration_of_another_shape_is_refused(network, shape):
    with pytest.raises(ModelError) as refused:
        quantize_ptq(network, np.zeros(shape, "float32"))
    message = str(refused.value)
    assert message.startswith(f"{network.name}: ")
    assert str(shape) in message and "(16, 16, 2)" in message


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_calibration_clip_that_is_not_finite_is_named(network, clips, bad):
    x = clips(4, (16, 16, 2))
    x[2, 3, 4, 1] = bad
    with pytest.raises(ModelError, match="clip 2 holds NaN or infinity"):
        quantize_ptq(network, x)


def test_open_axis_is_refused(clips):
    inputs = keras.Input((None, 8, 1))
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(inputs), name="open_time")
    with pytest.raises(ModelError, match=r"open_time .*\(None, 8, 1\) .* every axis fixed"):
        quantize_ptq(model, clips(2, (4, 8, 1)))


def test_what_has_no_int8_form_is_a_model_error_with_the_models_name(clips):
    inputs = keras.Input((4, 4, 1))
    flat = layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.ops.erfinv(keras.ops.tanh(flat)), name="exotic")
    with pytest.raises(ModelError, match="exotic"):
        quantize_ptq(model, clips(2, (4, 4, 1)))


def test_sequential_model_and_clips_in_a_tensor_give_the_same_file(clips):
    inputs = keras.Input((8, 8, 1))
    conv, mean = layers.Conv2D(2, 3), layers.GlobalAveragePooling2D()
    functional = keras.Model(inputs, mean(conv(inputs)), name="stacked")
    stacked = keras.Sequential([inputs, conv, mean], name="stacked")
    x = clips(2, (8, 8, 1))
    tensor = keras.ops.convert_to_tensor(x)
    assert quantize_ptq(stacked, tensor) == quantize_ptq(functional, x)
