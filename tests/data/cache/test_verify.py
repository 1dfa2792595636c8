import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dssd_tf.data import DataConfig, prepare_waveforms
from dssd_tf.data.cache.verify import count_shards, verify_cache
from dssd_tf.errors import DataError


@pytest.fixture
def filled(
    prepare: Callable, tau: Any, names: list[str], data_config: DataConfig, cache: Path
) -> Path:
    """Features in three shards, waveforms in three."""
    prepare()
    prepare_waveforms(tau.root, names, data_config, 8000, cache)
    return cache


def _faults(cache: Path, *roots: Path) -> list[str]:
    return [str(fault) for fault in verify_cache(cache, roots)]


def test_a_whole_cache_has_no_faults(filled: Path, tau: Any) -> None:
    seen: list[int] = []
    assert list(verify_cache(filled, [tau.root], lambda: seen.append(1))) == []
    assert len(seen) == count_shards(filled) == 6


def test_every_fault_is_listed(filled: Path, tau: Any, names: list[str]) -> None:
    features = sorted(filled.glob("features-*/shard-*"))
    waves = sorted(filled.glob("waveforms-*/shard-*"))
    values = np.load(features[0] / "values.npy")
    values[1, 2, 3] += 1
    np.save(features[0] / "values.npy", values)
    (features[1] / "clips.json").write_text("{")
    (features[2] / "scale.npy").unlink()
    values = np.load(waves[0] / "values.npy")
    values[1] = np.nan
    np.save(waves[0] / "values.npy", values)
    path = waves[1] / "values.npy"
    path.write_bytes(path.read_bytes()[:-8])
    waves[2].rename(waves[2].with_name("shard-0123456789abcdef"))
    faults = _faults(filled)
    expected = [
        (features[0] / "values.npy", "was written with"),
        (features[1] / "clips.json", "is not valid JSON"),
        (features[2] / "scale.npy", "no such file"),
        (waves[0] / "values.npy", "holds NaN or infinity, first in row 1 (1 rows)"),
        (waves[1] / "values.npy", "is damaged"),
        (waves[2].with_name("shard-0123456789abcdef"), f"its own give {waves[2].name}"),
    ]
    assert len(faults) == len(expected)
    for where, problem in expected:
        assert any(f.startswith(f"{where}: ") and problem in f for f in faults), (where, faults)


def test_rows_and_clips_must_agree(filled: Path) -> None:
    path = next(filled.glob("features-*/shard-*")) / "scale.npy"
    np.save(path, np.load(path)[:-1])
    assert any(f.startswith(f"{path}: holds") and "clips.json names" in f for f in _faults(filled))


def test_recordings_are_compared(filled: Path, tau: Any, names: list[str], tmp_path: Path) -> None:
    soundfile.write(tau.root / names[0], np.linspace(-1, 1, 2000), 8000, subtype="PCM_24")
    (tau.root / names[1]).unlink()
    faults = _faults(filled, tau.root)
    assert len(faults) == 4
    assert sum(f.startswith(f"{tau.root / names[0]}: changed since ") for f in faults) == 2
    lost = [f for f in faults if f"holds 1 clips that are not in {tau.root}" in f]
    assert len(lost) == 2
    assert all(f.endswith(f"first {names[1]}") for f in lost)
    other = tmp_path / "other" / "audio"
    other.mkdir(parents=True)
    shutil.copy(tau.root / names[2], other / Path(names[1]).name)
    assert not any("that are not in" in f for f in _faults(filled, tau.root, other.parent))


def test_settings_of_another_entry(filled: Path) -> None:
    path = next(filled.glob("features-*")) / "settings.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"clip_seconds": 9.0}))
    (fault,) = _faults(filled)
    assert fault.startswith(f"{path}: does not belong to this folder")


def test_a_folder_that_is_no_cache(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is not a cache of dssd_tf"):
        _faults(tmp_path)
