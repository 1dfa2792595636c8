"""Ten clips in shards of four, prepared in this process."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.data import ClipReader, DataConfig, FeatureStore, prepare_features, read_dataset
from dssd_tf.data.cache import plan
from dssd_tf.features import LogMelConfig


@pytest.fixture
def names(tau: Any, data_config: DataConfig) -> list[str]:
    return read_dataset(tau.root, data_config).filenames[:10]


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "SHARD_CLIPS", 4)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def prepare(
    tau: Any,
    names: list[str],
    data_config: DataConfig,
    front_end: LogMelConfig,
    cache: Path,
    small_shards: None,
) -> Callable[..., FeatureStore]:
    """Prepare the clips, with some of the settings changed."""

    def run(**changes: Any) -> FeatureStore:
        settings = {
            "root": tau.root,
            "filenames": names,
            "data": data_config,
            "features": front_end,
            "cache": cache,
        }
        return prepare_features(**(settings | changes))

    return run


@pytest.fixture
def read_clips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the clips that are read from now on."""
    seen: list[str] = []
    original = ClipReader.__call__

    def noted(self: ClipReader, path: Path) -> np.ndarray:
        seen.append(f"audio/{Path(path).name}")
        return original(self, path)

    monkeypatch.setattr(ClipReader, "__call__", noted)
    return seen


@pytest.fixture
def everything() -> Callable[[FeatureStore], np.ndarray]:
    """All finished features of a store, in its order."""
    return lambda store: store.gather(np.arange(len(store)))


@pytest.fixture
def shards(cache: Path) -> Callable[[], list[Path]]:
    """The folders of all shards, sorted."""
    return lambda: sorted(cache.glob("*/shard-*"))


@pytest.fixture
def copied_root(tau: Any, tmp_path: Path) -> Path:
    """A copy of the dataset whose files have other modification times."""
    return Path(shutil.copytree(tau.root, tmp_path / "copy", copy_function=shutil.copyfile))
