import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dssd_tf.errors import DssdError, ModelError
from dssd_tf.presets import PresetConfig, is_preset, read_preset_config

CLASSES = ("bus", "tram")


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Path]:
    """Write a preset.json with some values changed; gives its folder."""

    def write(**values: Any) -> Path:
        base = PresetConfig(classes=CLASSES).model_dump(mode="json")
        (tmp_path / "preset.json").write_text(json.dumps({**base, **values}))
        return tmp_path

    return write


def test_shapes_follow_from_features_and_classes() -> None:
    config = PresetConfig(classes=CLASSES, coarse_classes=("indoor",), clip_seconds=10)
    assert (config.samples, config.input_shape, config.outputs) == (441000, (431, 256, 2), 3)


def test_what_is_written_is_read_back(tmp_path: Path, config: PresetConfig) -> None:
    assert not is_preset(tmp_path)
    (tmp_path / "preset.json").write_text(config.model_dump_json())
    assert is_preset(str(tmp_path))
    assert read_preset_config(tmp_path) == config


@given(
    metrics=st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(2**53), 2**53)
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=3), inner, max_size=3)
            ),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_metrics_are_any_json(metrics: dict[str, Any]) -> None:
    config = PresetConfig(classes=CLASSES, metrics=metrics)
    assert json.loads(config.model_dump_json())["metrics"] == metrics


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": [-float("inf")]}, object()])
def test_metrics_that_json_cannot_hold_are_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="metrics"):
        PresetConfig(classes=CLASSES, metrics={"loss": value})


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"classes": ["bus"]}, "classes: "),
        ({"classes": ["bus", "bus"]}, "classes named twice: bus"),
        ({"coarse_classes": ["tram"]}, "classes named twice: tram"),
        ({"clip_seconds": 0}, "clip_seconds: "),
        ({"clip_seconds": 1e-6}, "clip_seconds 1e-06 is less than a sample at 44100 Hz"),
        ({"clas": ["bus"]}, "clas: unknown key, did you mean 'classes'?"),
        ({"features": {"hop": 5}}, "features.hop: unknown key"),
        ({"format_version": 0}, "format_version: "),
        ({"format_version": 7, "package_version": "9.0"}, "use dssd_tf 9.0 or later"),
    ],
)
def test_wrong_settings_are_told_in_a_line(
    changed: Callable[..., Path], values: dict[str, Any], told: str
) -> None:
    folder = changed(**values)
    with pytest.raises(ModelError) as refused:
        read_preset_config(folder)
    assert str(refused.value).startswith(f"{folder / 'preset.json'}: ")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_without_settings(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is not a preset \(no preset\.json\)") as refused:
        read_preset_config(tmp_path / "none")
    assert refused.value.path == tmp_path / "none"


@pytest.mark.parametrize("content", ["", "{", "[1]", "\xff"])
def test_damaged_settings(tmp_path: Path, content: str) -> None:
    (tmp_path / "preset.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(DssdError) as refused:
        read_preset_config(tmp_path)
    assert str(tmp_path / "preset.json") in str(refused.value)
