import json
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.data import AudioConfig, DataConfig
from dssd_tf.data.cache.settings import (
    feature_settings,
    make_entry,
    read_settings,
    waveform_settings,
)
from dssd_tf.errors import DataError
from dssd_tf.features import LogMelConfig


@pytest.mark.parametrize(
    "change",
    [
        {"features": {"n_mels": 8}},
        {"features": {"hop_length": 256}},
        {"features": {"log_offset": 1e-8}},
        {"data": {"clip_seconds": 0.2}},
        {"data": {"cache_dtype": "float32"}},
        {"data": {"audio": AudioConfig(multichannel="downmix")}},
    ],
    ids=str,
)
def test_what_changes_the_numbers_has_its_own_entry(
    data_config: DataConfig, front_end: LogMelConfig, change: dict[str, Any]
) -> None:
    before = feature_settings(data_config, front_end)
    after = feature_settings(
        data_config.model_copy(update=change.get("data", {})),
        front_end.model_copy(update=change.get("features", {})),
    )
    assert after.digest != before.digest


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"validation_fraction": 0.5, "synthetic": True, "workers": 3, "split": 5}},
        {"features": {"deltas": False}},
        {"features": {"standardize": "none"}},
    ],
    ids=str,
)
def test_what_does_not_matter_shares_the_entry(
    data_config: DataConfig, front_end: LogMelConfig, change: dict[str, Any]
) -> None:
    before = feature_settings(data_config, front_end)
    after = feature_settings(
        data_config.model_copy(update=change.get("data", {})),
        front_end.model_copy(update=change.get("features", {})),
    )
    assert after.digest == before.digest


def test_waveforms_have_their_own_entry(data_config: DataConfig, front_end: LogMelConfig) -> None:
    wave = waveform_settings(data_config, 8000)
    assert wave.clip_shape == (2000,)
    assert wave.folder(Path("c")).name == f"waveforms-{wave.digest}"
    assert waveform_settings(data_config, 16000).digest != wave.digest
    assert feature_settings(data_config, front_end).clip_shape == (4, 16)
    assert len(wave.digest) == 12


def test_the_settings_are_told_in_clear(
    tmp_path: Path, data_config: DataConfig, front_end: LogMelConfig
) -> None:
    settings = feature_settings(data_config, front_end)
    entry = make_entry(tmp_path, settings)
    values = json.loads((entry / "settings.json").read_text())
    assert values["kind"] == "features"
    assert values["log_mel"]["n_mels"] == 16
    assert "deltas" not in values["log_mel"]
    assert read_settings(entry).digest == settings.digest
    assert "16 mel bands" in settings.summary()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"version": 99}, "cache version 99"),
        ({"clip_seconds": -1}, "clip_seconds"),
        ({"clip_seconds": 3.0}, "does not belong to this folder, but to features-"),
    ],
)
def test_other_settings_are_refused(
    tmp_path: Path,
    data_config: DataConfig,
    front_end: LogMelConfig,
    change: dict[str, Any],
    problem: str,
) -> None:
    entry = make_entry(tmp_path, feature_settings(data_config, front_end))
    path = entry / "settings.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataError, match=problem) as caught:
        read_settings(entry)
    assert caught.value.path == path


def test_a_folder_without_settings_is_no_entry(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not an entry of a cache"):
        read_settings(tmp_path)
