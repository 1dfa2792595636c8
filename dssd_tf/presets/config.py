"""A preset's settings, as `preset.json` holds them."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, JsonValue, ValidationError, model_validator

from dssd_tf.config import Config
from dssd_tf.config_errors import describe_errors
from dssd_tf.errors import ModelError
from dssd_tf.features import LogMelConfig
from dssd_tf.files import read_json
from dssd_tf.version import __version__

CONFIG_FILE = "preset.json"
MODEL_FILE = "model.keras"
INT8_FILE = "model_int8.tflite"
CARD_FILE = "README.md"

_FORMAT: Literal[1] = 1


class PresetConfig(Config):
    """What a preset knows beside the weights."""

    format_version: Literal[1] = _FORMAT
    package_version: str = Field(__version__, description="version that wrote the preset")
    network: str | None = Field(None, description="name in the registry, null if it has none")
    network_options: dict[str, JsonValue] = Field(
        default_factory=dict, description="arguments beside those that the name stands for"
    )
    features: LogMelConfig = LogMelConfig()
    clip_seconds: float = Field(1.0, gt=0, description="seconds a clip")
    classes: tuple[str, ...] = Field(min_length=2, description="in the order of the outputs")
    coarse_classes: tuple[str, ...] = Field(
        (), description="outputs behind those of the classes, not used to classify"
    )
    licence: str | None = Field(None, description="of the weights")
    source: str | None = Field(None, description="where the weights come from, whom to cite")
    metrics: dict[str, JsonValue] = Field(
        default_factory=dict, description="what was measured, and on which data"
    )

    @model_validator(mode="after")
    def _distinct(self) -> "PresetConfig":
        names = (*self.classes, *self.coarse_classes)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"classes named twice: {', '.join(twice)}")
        if self.samples < 1:
            raise ValueError(
                f"clip_seconds {self.clip_seconds:g} is less than a sample at "
                f"{self.features.sampling_rate} Hz"
            )
        return self

    @property
    def samples(self) -> int:
        """Samples a clip."""
        return round(self.features.sampling_rate * self.clip_seconds)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(time, frequency, channels) of a clip's features."""
        return self.features.shape(self.samples)

    @property
    def outputs(self) -> int:
        """Outputs of the network: classes and coarse classes."""
        return len(self.classes) + len(self.coarse_classes)


def is_preset(folder: Path | str) -> bool:
    """Whether `folder` holds a `preset.json`."""
    return (Path(folder) / CONFIG_FILE).is_file()


def make_preset_config(values: dict[str, Any], path: Path | str | None = None) -> PresetConfig:
    """The settings with these values, told to come from `path`.

    Raises:
        ModelError: Some are wrong; the message names every one.
    """
    try:
        return PresetConfig.model_validate(values)
    except ValidationError as error:
        raise ModelError(describe_errors(error, PresetConfig), path=path) from error


def read_preset_config(folder: Path | str) -> PresetConfig:
    """Read a preset's `preset.json`.

    Raises:
        ModelError: The folder is no preset, of a newer format, or its settings are wrong; the
            message names every wrong one.
        DssdError: The file cannot be read or is not JSON.
    """
    path = Path(folder) / CONFIG_FILE
    if not path.is_file():
        raise ModelError(
            f"is not a preset (no {CONFIG_FILE})",
            path=folder,
            fix="make one with `dssd models save-preset`",
        )
    values = read_json(path)
    if not isinstance(values, dict):
        raise ModelError(f"holds a {type(values).__name__}, not settings", path=path)
    written = values.get("format_version", _FORMAT)
    if isinstance(written, int) and written > _FORMAT:
        raise ModelError(
            f"has format_version {written}, this version reads {_FORMAT}",
            path=path,
            fix=f"use dssd_tf {values.get('package_version', 'of a later version')} or later",
        )
    return make_preset_config(values, path)
