"""The mapping from scenes to coarse classes."""

import numpy as np
import pytest
from pydantic import ValidationError

from dssd_tf.errors import ModelError
from dssd_tf.presets.class_names import COARSE_CLASSES, SCENES
from dssd_tf.training.distillation import CoarseClasses


def test_the_default_covers_the_ten_scenes_of_tau() -> None:
    coarse = CoarseClasses()
    table = coarse.membership(SCENES)
    assert coarse.names == COARSE_CLASSES
    assert table.shape == (10, 3)
    assert table.sum(axis=0).tolist() == [3, 4, 3]
    assert np.flatnonzero(table[:, 2]).tolist() == [
        SCENES.index(s) for s in ("bus", "metro", "tram")
    ]


def test_scenes_must_match_those_of_the_network() -> None:
    with pytest.raises(ModelError, match="'library' belongs to no coarse class"):
        CoarseClasses().membership([*SCENES, "library"])
    with pytest.raises(ModelError, match="lists 'tram', which is none of the 9 scenes"):
        CoarseClasses().membership(SCENES[:-1])


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"all": ("a", "b")}, "at least two"),
        ({"x": ("a",), "y": ()}, "'y' has no scene"),
        ({"x": ("a", "b"), "y": ("b",)}, "'b' is listed 2 times"),
    ],
)
def test_wrong_groups_are_refused(groups: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CoarseClasses(groups=groups)
