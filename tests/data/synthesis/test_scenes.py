import inspect

import pytest

from dssd_tf.data.synthesis.scenes import SCENES
from dssd_tf.presets import class_names


def test_the_ten_scenes_in_the_order_of_the_outputs():
    assert tuple(SCENES) == class_names.SCENES


@pytest.mark.parametrize("name", SCENES)
def test_layers_fit_their_textures(name):
    scene = SCENES[name]
    for layer in scene.layers:
        parameters = inspect.signature(layer.texture).parameters.values()
        settings = {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY}
        assert set(layer.settings) <= set(settings)
        for setting, parameter in settings.items():
            assert setting in layer.settings or parameter.default is not parameter.empty
        ranges = [layer.level, *layer.settings.values()]
        assert all(low <= high for low, high in ranges)
        assert 0 < layer.chance <= 1


@pytest.mark.parametrize("name", SCENES)
def test_something_is_always_heard(name):
    assert any(layer.chance == 1 for layer in SCENES[name].layers)


def test_scenes_share_textures():
    """Classes that shared none could be told by one sound."""
    for name, scene in SCENES.items():
        own = {layer.texture for layer in scene.layers}
        others = {
            layer.texture for other in SCENES if other != name for layer in SCENES[other].layers
        }
        assert len(own & others) >= 2
