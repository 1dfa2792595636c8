import keras
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.presets import PresetConfig
from dssd_tf.presets.fit import require_fit, require_input, require_outputs


def test_sizes_that_the_model_leaves_open_fit() -> None:
    require_input((None, 16, 1), (16, 16, 1), None)
    require_input((16, 16, 1), (16, 16, 1), None)


@pytest.mark.parametrize("shape", [(16, 16, 2), (None, 17, 1), (16, 16), (16, 16, 1, 1)])
def test_another_input_is_told_with_both_shapes(shape: tuple[int | None, ...]) -> None:
    with pytest.raises(ModelError) as refused:
        require_input(shape, (16, 16, 1), "m.keras")
    assert str(refused.value).startswith("m.keras: takes input ")
    assert str(shape) in str(refused.value)
    assert "(16, 16, 1)" in str(refused.value)


@pytest.mark.parametrize("outputs", [2, 4])
def test_another_number_of_outputs_is_told_with_the_classes(outputs: int) -> None:
    require_outputs(3, ("bus", "tram"), ("indoor",), None)
    with pytest.raises(ModelError) as refused:
        require_outputs(outputs, ("bus", "tram"), ("indoor",), None)
    assert f"has {outputs} outputs, but 2 classes (bus, tram)" in str(refused.value)
    assert "1 coarse classes (indoor)" in str(refused.value)


def test_the_model_of_the_settings_fits(model: keras.Model, config: PresetConfig) -> None:
    require_fit(model, config, None)


@pytest.mark.parametrize("end", ["softmax", "layer", "sigmoid"])
def test_probabilities_are_no_logits(config: PresetConfig, end: str) -> None:
    inputs = keras.Input(config.input_shape)
    x = keras.layers.GlobalAveragePooling2D()(inputs)
    x = keras.layers.Dense(4, activation=None if end == "layer" else end)(x)
    x = keras.layers.Softmax()(x) if end == "layer" else x
    with pytest.raises(ModelError, match="expected logits"):
        require_fit(keras.Model(inputs, x), config, None)


def test_features_and_several_outputs_are_no_logits(config: PresetConfig) -> None:
    inputs = keras.Input(config.input_shape)
    grid = keras.layers.Conv2D(4, 1)(inputs)
    with pytest.raises(ModelError, match="include_top"):
        require_fit(keras.Model(inputs, grid), config, None)
    with pytest.raises(ModelError, match="1 inputs and 2 outputs"):
        require_fit(keras.Model(inputs, [grid, grid]), config, None)
