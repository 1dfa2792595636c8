import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from dssd_tf.complexity import measure
from dssd_tf.errors import ModelError
from dssd_tf.models import create_model


class Scale(layers.Layer):
    """A layer with weights that no rule knows."""

    def build(self, shape):
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.gain


class Projection(layers.Layer):
    """A weightless layer that multiplies matrices on its own."""

    def call(self, x):
        return ops.matmul(x, ops.ones((x.shape[-1], 4)))


class Borrower(layers.Layer):
    """A composite layer that uses a sublayer's kernel without calling it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.lender = layers.Dense(3, name="lender")
        self.called = layers.Dense(2, name="called")

    def build(self, shape):
        self.lender.build(shape)
        self.called.build((*shape[:-1], 3))

    def call(self, x):
        return self.called(ops.matmul(x, self.lender.kernel))


class Stages(keras.Model):
    """A subclassed model that calls one convolution twice and another not at all."""

    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(2, 3, padding="same")
        self.spare = layers.Conv2D(5, 1)
        self.spare.build((None, None, None, 2))

    def call(self, x):
        return self.conv(self.conv(x))


def rows(result):
    return {row.name: row for row in result.layers}


@pytest.mark.parametrize("time_first", [False, True])
def test_2024_baseline_known_answer(baseline_2024, time_first):
    result = measure(baseline_2024(time_first=time_first))
    assert result.parameters == 61_148
    assert result.macs_torchinfo == 29_419_156
    assert result.size_bytes == 4 * 61_148
    assert result.dtypes == result.activation_dtypes == ("float32",)
    assert result.uncounted == () and result.macs_nessi_tflite is None


def test_2024_baseline_folded_known_answer(baseline_2024):
    folded, plain = measure(baseline_2024(folded=True)), measure(baseline_2024())
    assert folded.parameters == 59_794
    assert folded.macs_torchinfo == 30_216_768
    # Folding raises the official figure, but takes the normalizations' work away.
    normalized = sum(r.macs for r in plain.layers if r.type == "BatchNormalization")
    assert normalized > 0 and folded.macs == plain.macs - normalized


def test_2022_baseline_parameters(baseline_2022):
    result = measure(baseline_2022)
    assert baseline_2022.count_params() == 46_246
    assert result.parameters == 46_118


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "parameters", "macs"),
    [
        ("dsmn_s", 45_164, 8_645_641),
        ("dsmn_f", 56_556, 25_441_889),
        ("dsmn_sf", 56_172, 16_746_033),
    ],
)
def test_dsmn_known_answers(name, parameters, macs):
    from dssd_tf.models import create_model

    result = measure(create_model(name))
    assert (result.parameters, result.macs_torchinfo, result.uncounted) == (parameters, macs, ())


def test_shared_layer_counts_parameters_once_and_macs_per_call():
    inputs = keras.Input((5, 7, 2))
    conv = layers.Conv2D(2, 3, padding="same", name="conv")
    result = measure(keras.Model(inputs, conv(conv(inputs))))
    assert result.parameters == 2 * 2 * 9 + 2
    assert result.macs == 2 * (2 * 2 * 9 * 35)
    assert result.macs_torchinfo == 2 * ((2 * 2 * 9 + 2) * 35)
    assert [row.parameters for row in result.layers] == [38, 0]


def test_nested_model_is_walked_with_its_real_shape():
    inner_in = keras.Input((None, None, 3))
    inner = keras.Model(inner_in, layers.Conv2D(4, 1, name="mix")(inner_in), name="inner")
    inputs = keras.Input((6, 6, 3))
    x = inner(layers.MaxPooling2D(2)(inputs))
    result = measure(keras.Model(inputs, layers.Dense(2, name="head")(layers.Flatten()(x))))
    assert rows(result)["inner/mix"].output_shape == (1, 3, 3, 4)
    assert result.macs == 3 * 4 * 9 + 36 * 2
    assert result.parameters == 16 + 74


def test_open_axes_need_an_input_shape():
    inputs = keras.Input((None, 8, 1))
    model = keras.Model(inputs, layers.Conv2D(2, 1)(inputs))
    with pytest.raises(ModelError, match=r"leaves axes open.*input_shape"):
        measure(model)
    assert measure(model, input_shape=(10, 8, 1)).macs == 2 * 80


def test_input_shape_that_does_not_fit_is_refused():
    inputs = keras.Input((4, 8, 1))
    model = keras.Model(inputs, layers.Conv2D(2, 1)(inputs), name="net")
    for shape in ((4, 8, 3), (4, 8), [(4, 8, 1), (4, 8, 1)], 7):
        with pytest.raises(ModelError, match="net") as caught:
            measure(model, input_shape=shape)
        assert "\n" not in str(caught.value)
    for shape in (7, [(4, 4, 2), (4, 4, 2)], ("a", 2)):
        with pytest.raises(ModelError, match=r"does not fit.*one input"):
            measure(Stages(), input_shape=shape)


def test_several_inputs_keep_their_structure():
    first, second = keras.Input((4,), name="first"), keras.Input((None,), name="second")
    x = layers.Concatenate()([first, layers.Dense(3)(keras.ops.reshape(second, (-1, 6)))])
    model = keras.Model({"first": first, "second": second}, x)
    result = measure(model, input_shape={"first": (4,), "second": (6,)})
    assert result.macs == 18 and result.layers[-1].output_shape == (1, 7)


def test_subclassed_model_unbuilt_and_unused_weights():
    model = Stages()
    with pytest.raises(ModelError, match="does not know the shape"):
        measure(model)
    result = measure(model, input_shape=(4, 4, 2))
    assert result.macs == 2 * (36 * 16)
    assert result.parameters == 38 + 15
    spare = result.layers[-1]
    assert (spare.output_shape, spare.parameters, spare.macs) == (None, 15, 0)
    assert result.uncounted == ()
    with pytest.raises(ModelError, match="does not know the shape"):
        measure(model)
    assert measure(model, input_shape=(8, 4, 2)).macs == 2 * result.macs


@pytest.mark.parametrize("declared", [True, False])
def test_sequential_model(declared):
    parts = [keras.Input((5,))] * declared + [layers.Dense(3), layers.Dense(2)]
    result = measure(keras.Sequential(parts), input_shape=None if declared else (5,))
    assert result.macs == 21 and len(result.layers) == 2


def test_layer_without_a_rule_is_named():
    inputs = keras.Input((4, 3))
    x = Projection(name="projection")(Scale(name="scale")(inputs))
    result = measure(keras.Model(inputs, x))
    assert set(result.uncounted) == {"scale", "projection"}
    assert result.parameters == 3 and result.macs == 0
    # torchinfo counts the parameters of any leaf module once.
    assert result.macs_torchinfo == 3


def test_borrowed_kernel_is_named_and_its_parameters_count():
    inputs = keras.Input((4,))
    result = measure(keras.Model(inputs, Borrower(name="borrower")(inputs)))
    assert {"borrower", "lender"} == set(result.uncounted)
    assert result.parameters == 15 + 8
    assert rows(result)["lender"].output_shape is None
    assert result.macs == rows(result)["borrower/called"].macs == 6


def test_operation_outside_layers_is_named():
    inputs = keras.Input((4, 3))
    model = keras.Model(inputs, ops.matmul(inputs, ops.transpose(inputs, (0, 2, 1))), name="gram")
    assert measure(model).uncounted == ("gram",)


def test_recurrent_layer_is_named():
    inputs = keras.Input((4, 3))
    model = keras.Model(inputs, layers.GRU(2, name="memory")(inputs))
    assert any(name.startswith("memory") for name in measure(model).uncounted)


def test_frozen_layers_count_and_running_statistics_do_not():
    inputs = keras.Input((4, 4, 2))
    model = keras.Model(inputs, layers.BatchNormalization()(layers.Conv2D(3, 1)(inputs)))
    before = measure(model)
    model.trainable = False
    assert measure(model).parameters == before.parameters == 9 + 6
    no_scale = keras.Model(inputs, layers.BatchNormalization(scale=False)(inputs))
    assert measure(no_scale).parameters == 2


def test_nonzero_and_sizes_follow_the_weights():
    layer = layers.Dense(4, dtype="float16")
    inputs = keras.Input((5,), dtype="float16")
    model = keras.Model(inputs, layer(inputs))
    kernel = np.zeros((5, 4))
    kernel[:2] = 1
    layer.set_weights([kernel, np.full(4, -0.0)])
    result = measure(model)
    assert (result.parameters, result.parameters_nonzero) == (24, 8)
    assert (result.size_bytes, result.size_bytes_nonzero) == (48, 16)
    assert result.dtypes == ("float16",)


def test_bare_layer_can_be_measured():
    assert measure(layers.Dense(3), input_shape=(5,)).macs == 15


def test_other_objects_are_refused():
    with pytest.raises(ModelError, match=r"builtins\.int is not a Keras 3 model"):
        measure(3)


def test_keras_quantized_layers_are_refused():
    inputs = keras.Input((8,))
    model = keras.Model(inputs, layers.Dense(4, name="head")(inputs))
    model.quantize("int8")
    with pytest.raises(ModelError, match=r"'head' was quantized by Keras"):
        measure(model)


def test_the_2024_baseline_at_16_bits_has_the_published_bytes() -> None:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float16")
    try:
        found = measure(create_model("baseline_2024"))
    finally:
        keras.config.set_dtype_policy(policy)
    assert (found.parameters, found.size_bytes) == (61_148, 122_296)
    assert found.dtypes == ("float16",)


def test_a_layer_whose_size_only_the_data_tell_is_named() -> None:
    class Loud(keras.layers.Layer):
        def call(self, x):
            return tf.boolean_mask(x, tf.reduce_sum(x, axis=-1) > 0)

    inputs = keras.Input((7, 4))
    x = layers.Dense(5, name="last")(Loud(name="loud")(inputs))
    assert "last" in measure(keras.Model(inputs, x)).uncounted


@pytest.mark.parametrize("shape", [(4.7, 4, 2), (8, 8), "8,8,2"])
def test_an_input_shape_that_is_none_is_refused(shape) -> None:
    inputs = keras.Input((None, None, 2))
    model = keras.Model(inputs, layers.Conv2D(3, 3)(inputs), name="open")
    with pytest.raises(ModelError, match=r"input_shape .* does not fit model 'open'"):
        measure(model, input_shape=shape)


def test_the_reason_of_a_failing_call_is_told() -> None:
    inputs = keras.Input((None, None, 2))
    model = keras.Model(inputs, layers.Conv2D(3, 5)(inputs), name="wide")
    with pytest.raises(ModelError, match="wide") as refused:
        measure(model, input_shape=(2, 2, 2))
    assert "Exception encountered" not in str(refused.value)
    assert "\n" not in str(refused.value)
