"""What every texture owes, with the settings the scenes give it."""

import numpy as np
import pytest

from dssd_tf.data.synthesis import textures
from dssd_tf.data.synthesis.scenes import SCENES, Layer

LAYERS = [
    pytest.param(layer, id=f"{name}-{layer.texture.__name__}")
    for name, scene in SCENES.items()
    for layer in scene.layers
]


def _settings(layer: Layer, place: float) -> dict[str, float]:
    return {name: low + place * (high - low) for name, (low, high) in layer.settings.items()}


@pytest.mark.parametrize("layer", LAYERS)
def test_shape_and_numbers_at_both_ends_of_the_settings(layer):
    for place in (0.0, 1.0):
        signal = layer.texture(np.random.default_rng(1), 22_050, **_settings(layer, place))
        assert signal.shape == (22_050,)
        assert np.isfinite(signal).all()
        again = layer.texture(np.random.default_rng(1), 22_050, **_settings(layer, place))
        assert np.array_equal(signal, again)


def test_every_texture_is_in_a_scene():
    used = {layer.texture.__name__ for scene in SCENES.values() for layer in scene.layers}
    assert used == set(textures.__all__)
