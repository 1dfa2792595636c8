"""Where the recordings are and how they are read."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from dssd_tf.config import Config


class AudioConfig(Config):
    """What to do with recordings that are not as expected; the default refuses them."""

    sampling_rate_mismatch: Literal["error", "resample"] = "error"
    multichannel: Literal["error", "downmix"] = "error"
    length_mismatch: Literal["error", "fit"] = Field(
        "error", description="fit: pad with zeros or cut; under 1 % off is always fitted"
    )


class DataConfig(Config):
    """A dataset folder in the TAU layout and the part of it that is used."""

    root: Path | None = Field(None, description="dataset folder; --data overrides it")
    fold: int = Field(1, ge=1, description="fold{N}_train.csv and fold{N}_evaluate.csv")
    split: int | None = Field(
        None, ge=1, le=100, description="train on split{N}.csv, test on test.csv (2024 on)"
    )
    classes: tuple[str, ...] | None = Field(
        None, description="output order; null: the labels of the data, alphabetical"
    )
    devices: tuple[str, ...] | None = Field(
        None, description="devices a clip may be from; null: any that the tables name"
    )
    train_devices: tuple[str, ...] | None = Field(
        None, description="train on clips of these devices only: a model for them; null: on all"
    )
    clip_seconds: float = Field(1.0, gt=0, description="seconds a clip")
    validation_fraction: float = Field(
        0.1, ge=0, lt=1, description="share of the training clips, whole recordings, held out"
    )
    allow_leaky_fold: bool = Field(
        False, description="true: train although train and test share a recording (a warning)"
    )
    evaluation: Path | None = Field(
        None, description="evaluation set (N.wav), a folder, relative to root"
    )
    audio: AudioConfig = AudioConfig()
    cache: Path | None = Field(
        None, description="feature cache; null: feature_cache beside the run's folder"
    )
    cache_dtype: Literal["float16", "float32"] = Field(
        "float16", description="of cached log-mels; float16 keeps three digits in half the space"
    )
    waveform_dtype: Literal["float32", "int16"] = Field(
        "float32", description="of cached waveforms; int16 is exact for 16-bit recordings only"
    )
    workers: int | None = Field(
        None, ge=1, description="processes that fill the cache; null: all cores"
    )
    synthetic: bool = Field(False, description="true: rendered audio, results are none")

    @field_validator("devices", "train_devices")
    @classmethod
    def _some_devices(cls, devices: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if devices is not None and not devices:
            raise ValueError("at least one device is needed; null allows every device")
        return devices

    @field_validator("classes")
    @classmethod
    def _distinct(cls, classes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if classes is not None:
            twice = sorted({label for label in classes if classes.count(label) > 1})
            if twice:
                raise ValueError(f"named twice: {', '.join(twice)}")
            if len(classes) < 2:
                raise ValueError("at least two classes are needed")
        return classes
