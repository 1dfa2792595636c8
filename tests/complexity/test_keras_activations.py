import keras
from keras import layers, ops

from dssd_tf.complexity import measure


def test_chain_peaks_at_its_widest_pair():
    inputs = keras.Input((10, 4))
    x = layers.Dense(2, name="down")(layers.Dense(8, name="up")(inputs))
    result = measure(keras.Model(inputs, x))
    assert result.peak_activation_bytes == 4 * (40 + 80)
    assert result.peak_at == "up"
    assert [(t.name, t.shape) for t in result.peak_tensors] == [
        ("up", (1, 10, 8)),
        ("input", (1, 10, 4)),
    ]


def test_shortcut_is_held_over_the_branch():
    inputs = keras.Input((10, 4))
    y = layers.Dense(4, name="second")(layers.Dense(12, name="first")(inputs))
    result = measure(keras.Model(inputs, layers.Add()([inputs, y])))
    assert result.peak_activation_bytes == 4 * (40 + 120 + 40)
    assert result.peak_at == "second"
    assert {t.name for t in result.peak_tensors} == {"input", "first", "second"}


def test_views_take_no_memory():
    inputs = keras.Input((10, 4))
    x = layers.Dropout(0.5)(layers.Reshape((40, 1))(inputs))
    result = measure(keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x))))
    assert result.peak_activation_bytes == 4 * (40 + 1)


def test_work_within_a_layer_does_not_count():
    inputs = keras.Input((6, 6, 2))
    # An activation and a bias inside the layer make no step of their own.
    result = measure(
        keras.Model(inputs, layers.Conv2D(2, 3, padding="same", activation="gelu")(inputs))
    )
    assert result.peak_activation_bytes == 4 * (72 + 72)


def test_operations_between_layers_are_steps():
    inputs = keras.Input((10, 4))
    low, high = ops.split(inputs, 2, axis=1)
    result = measure(keras.Model(inputs, layers.Dense(2)(low) + layers.Dense(2)(high)))
    assert result.peak_activation_bytes == 4 * (40 + 20 + 20)
    assert result.peak_at.endswith(": Split")


def test_output_that_is_used_again_lives_to_the_end():
    inputs = keras.Input((10, 4))
    kept = layers.Dense(9)(inputs)
    x = layers.Dense(8)(layers.Dense(1)(kept))
    assert measure(keras.Model(inputs, x)).peak_activation_bytes == 4 * (40 + 90)
    assert measure(keras.Model(inputs, [kept, x])).peak_activation_bytes == 4 * (90 + 10 + 80)


def test_half_precision_halves_the_memory():
    inputs = keras.Input((10, 4), dtype="float16")
    model = keras.Model(inputs, layers.Dense(8, dtype="float16")(inputs))
    result = measure(model)
    assert result.peak_activation_bytes == 2 * (40 + 80)
    assert result.activation_dtypes == ("float16",)
