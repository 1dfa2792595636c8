from dssd_tf.challenge import load_edition
from dssd_tf.presets.class_names import COARSE_CLASSES, SCENES, default_classes


def test_the_scenes_are_those_of_the_editions() -> None:
    assert list(SCENES) == sorted(SCENES)
    assert tuple(load_edition(2022).classes.value) == SCENES


def test_ten_and_thirteen_outputs_have_names_and_others_none() -> None:
    assert default_classes(10) == (SCENES, ())
    assert default_classes(13) == (SCENES, COARSE_CLASSES)
    assert [default_classes(n) for n in (0, 3, 9, 11, 14)] == [None] * 5
