import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.data import DataConfig
from dssd_tf.data.cache import Filled, Means, cluster, feature_settings, fill_cache
from dssd_tf.errors import DataError, DssdError
from dssd_tf.features import LogMelConfig


@pytest.fixture
def fill(
    tau: Any,
    names: list[str],
    data_config: DataConfig,
    front_end: LogMelConfig,
    cache: Path,
    small_shards: None,
) -> Callable[[str], Filled]:
    settings = feature_settings(data_config, front_end)

    def run(scheduler: str) -> Filled:
        means = Means(scheduler=scheduler)
        return fill_cache(tau.root, names, settings, cache, means, description="x")

    return run


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster of two processes."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as local:
        yield local.scheduler_address


def test_a_cluster_fills_the_cache(
    scheduler: str, fill: Callable, prepare: Callable, tmp_path: Path, everything: Callable
) -> None:
    filled = fill(scheduler)
    assert (filled.computed, filled.missing) == (10, 0)
    assert fill(scheduler).computed == 0
    np.testing.assert_array_equal(
        everything(prepare()), everything(prepare(cache=tmp_path / "here"))
    )


def test_a_failing_chunk_is_named(
    scheduler: str, fill: Callable, tau: Any, names: list[str]
) -> None:
    (tau.root / names[5]).write_text("no audio")
    with pytest.raises(DataError, match=r"cannot be read as audio.*\(chunk shard-\w{16}") as caught:
        fill(scheduler)
    assert caught.value.path == tau.root / names[5]


def test_a_scheduler_that_does_not_answer(fill: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "_ANSWER_SECONDS", 1)
    with pytest.raises(DssdError, match=r"the scheduler tcp://127\.0\.0\.1:1 does not answer"):
        fill("tcp://127.0.0.1:1")


def test_without_dask(fill: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(DssdError, match=r"pip install 'dssd_tf\[cluster\]'"):
        fill("tcp://127.0.0.1:8786")
