from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.data import DataConfig, prepare_waveforms
from dssd_tf.data.cache.listing import list_cache
from dssd_tf.errors import DataError


def test_entries_with_their_sizes(
    prepare: Callable, tau: Any, names: list[str], data_config: DataConfig, cache: Path
) -> None:
    prepare()
    prepare_waveforms(tau.root, names, data_config, 8000, cache)
    features, waves = list_cache(cache)
    assert features.name.startswith("features-")
    assert (features.clips, features.shards, features.leftovers) == (10, 3, 0)
    entry = cache / features.name
    assert features.bytes == sum(p.stat().st_size for p in entry.rglob("*") if p.is_file())
    assert waves.settings is not None
    assert waves.settings.kind == "waveforms"
    assert waves.bytes > 10 * 2000 * 4

    (entry / ".shard-a.x1.tmp").mkdir()
    (next(entry.glob("shard-*")) / "clips.json").write_text("{")
    (entry / "settings.json").write_text("{}")
    damaged, _ = list_cache(cache)
    assert damaged.settings is None
    assert damaged.shards == 3
    assert damaged.clips < 10
    assert damaged.leftovers == 1


def test_a_folder_that_is_no_cache(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such cache"):
        list_cache(tmp_path / "none")
    with pytest.raises(DataError, match=r"it has no CACHEDIR\.TAG"):
        list_cache(tmp_path)
