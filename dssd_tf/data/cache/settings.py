"""What a cache entry holds and how it was made: its settings, and the folder named by them."""

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from dssd_tf.config import Config
from dssd_tf.data.config import AudioConfig, DataConfig
from dssd_tf.errors import DataError
from dssd_tf.features import LogMelConfig
from dssd_tf.files import read_json, write_json

CACHE_VERSION = 1
"""Raised whenever the same settings would give other numbers or another layout."""

SETTINGS_NAME = "settings.json"

_DTYPES = {"float16": "<f2", "float32": "<f4", "int16": "<i2"}

_APPLIED_ON_READING = {"log_mel": {"band_centred", "deltas", "standardize"}}


class EntrySettings(Config):
    """All that decides the stored numbers of a clip; what is applied on reading is no part."""

    version: int = CACHE_VERSION
    kind: Literal["features", "waveforms"]
    dtype: Literal["float16", "float32", "int16"]
    sampling_rate: int = Field(gt=0, description="Hz")
    clip_seconds: float = Field(gt=0, description="seconds a clip")
    audio: AudioConfig
    log_mel: LogMelConfig | None = None

    @property
    def samples(self) -> int:
        """Samples a clip."""
        return round(self.sampling_rate * self.clip_seconds)

    @property
    def dtype_string(self) -> str:
        """The stored type with its byte order, as NumPy writes it."""
        return _DTYPES[self.dtype]

    @property
    def clip_shape(self) -> tuple[int, ...]:
        """Stored shape of one clip: (time, frequency) of features, (samples,) of waveforms."""
        if self.log_mel is None:
            return (self.samples,)
        return self.log_mel.frames(self.samples), self.log_mel.n_mels

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that stand for these settings."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

    def folder(self, cache: Path) -> Path:
        """The entry's folder in `cache`."""
        return Path(cache) / f"{self.kind}-{self.digest}"

    def to_json(self) -> dict[str, Any]:
        """The settings in clear."""
        return self.model_dump(mode="json", exclude=_APPLIED_ON_READING)

    def summary(self) -> str:
        """One line for a person."""
        text = f"{self.clip_seconds:g} s at {self.sampling_rate} Hz, {self.dtype}"
        if self.log_mel is not None:
            mel = self.log_mel
            text += f", {mel.n_mels} mel bands, n_fft {mel.n_fft}, hop {mel.hop_length}"
        return text


def feature_settings(data: DataConfig, features: LogMelConfig) -> EntrySettings:
    """The settings of raw log-mels."""
    return EntrySettings(
        kind="features",
        dtype=data.cache_dtype,
        sampling_rate=features.sampling_rate,
        clip_seconds=data.clip_seconds,
        audio=data.audio,
        log_mel=features,
    )


def waveform_settings(data: DataConfig, sampling_rate: int) -> EntrySettings:
    """The settings of waveforms at `sampling_rate` Hz."""
    return EntrySettings(
        kind="waveforms",
        dtype=data.waveform_dtype,
        sampling_rate=sampling_rate,
        clip_seconds=data.clip_seconds,
        audio=data.audio,
    )


def read_settings(entry: Path) -> EntrySettings:
    """The settings of the entry in the folder `entry`.

    Raises:
        DataError: They are missing, are not of this version, or are not those that the folder's
            name stands for.
    """
    path = entry / SETTINGS_NAME
    if not path.is_file():
        raise DataError("is not an entry of a cache: it has no settings.json", path=entry)
    values = read_json(path)
    found = values.get("version") if isinstance(values, dict) else None
    if found != CACHE_VERSION:
        raise DataError(
            f"has the cache version {found!r}, this package reads {CACHE_VERSION}",
            path=path,
            fix="remove the entry with `dssd data cache clear`; it is made anew",
        )
    try:
        settings = EntrySettings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DataError(f"{where}: {first['msg']}", path=path) from error
    if settings.folder(entry.parent).name != entry.name:
        raise DataError(
            f"does not belong to this folder, but to {settings.folder(entry.parent).name}",
            path=path,
            fix="remove the entry with `dssd data cache clear`; it is made anew",
        )
    return settings


def make_entry(cache: Path, settings: EntrySettings) -> Path:
    """The entry's folder, made with its `settings.json` where it is not there yet.

    Raises:
        DssdError: It cannot be written.
    """
    entry = settings.folder(cache)
    if not (entry / SETTINGS_NAME).is_file():
        write_json(entry / SETTINGS_NAME, settings.to_json())
    return entry
