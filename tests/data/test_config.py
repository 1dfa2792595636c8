import pytest
from pydantic import ValidationError

from dssd_tf.data import AudioConfig, DataConfig


def test_defaults_refuse_other_audio() -> None:
    assert set(AudioConfig().model_dump().values()) == {"error"}
    assert DataConfig().audio == AudioConfig()


def test_classes_keep_their_order() -> None:
    assert DataConfig(classes=("tram", "bus")).classes == ("tram", "bus")


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ({"classes": ["bus", "tram", "bus"]}, "named twice: bus"),
        ({"classes": ["bus"]}, "at least two classes"),
        ({"devices": []}, "at least one device"),
        ({"fold": 0}, "fold"),
        ({"split": 0}, "split"),
        ({"split": 101}, "split"),
        ({"clip_seconds": 0}, "clip_seconds"),
        ({"clip_seconds": float("nan")}, "clip_seconds"),
        ({"validation_fraction": 1}, "validation_fraction"),
        ({"validation_fraction": -0.1}, "validation_fraction"),
        ({"audio": {"multichannel": "left"}}, "multichannel"),
        ({"folds": 1}, "folds"),
    ],
)
def test_values_out_of_range(setting: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        DataConfig.model_validate(setting)


def test_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        DataConfig().fold = 2  # type: ignore[misc]
