from typing import Any

import pytest

from dssd_tf.errors import ModelError
from dssd_tf.pipeline.student import make_network, make_student
from dssd_tf.recipe import Recipe

SCENES = ("bus", "park", "tram")
GROUPS = {"in": ["bus", "tram"], "out": ["park"]}


def _recipe(name: str, **coarse: Any) -> Recipe:
    distillation = {"weight": 0, "coarse": {"groups": GROUPS, **coarse}} if coarse else None
    return Recipe.model_validate(
        {"name": "x", "model": {"name": name}, "distillation": distillation}
    )


@pytest.mark.parametrize(
    ("coarse", "outputs"), [({}, 3), ({"head": False}, 3), ({"head": True}, 5)]
)
def test_outputs(small_network: str, coarse: dict[str, Any], outputs: int) -> None:
    recipe = _recipe(small_network, **coarse)
    assert make_student(recipe, (8, 8, 1), SCENES).output_shape == (None, outputs)
    assert make_network(recipe, (8, 8, 1), 3).output_shape == (None, 3)


def test_coarse_classes_must_be_those_of_the_scenes(small_network: str) -> None:
    with pytest.raises(ModelError, match="'metro' belongs to no coarse class"):
        make_student(_recipe(small_network, head=True), (8, 8, 1), (*SCENES, "metro"))
