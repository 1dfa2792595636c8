"""Several worker processes: the same result, errors with their file, and an end to signals."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.data import DataConfig, processes
from dssd_tf.errors import DataError, DssdError
from dssd_tf.features import LogMelConfig

# Spawned workers import the script again, so they are slow as well.
_SLOW_SCRIPT = """
import json, os, sys, time
from pathlib import Path
from dssd_tf.data import ClipReader, DataConfig, prepare_features
from dssd_tf.data.cache import plan
from dssd_tf.features import LogMelConfig

task = json.loads(sys.argv[1])
plan.SHARD_CLIPS = 4
read = ClipReader.__call__

def slow(self, path):
    (Path(task["pids"]) / str(os.getpid())).touch()
    time.sleep(0.5)
    return read(self, path)

ClipReader.__call__ = slow
if __name__ == "__main__":
    prepare_features(Path(task["root"]), task["names"], DataConfig(**task["data"]),
                     LogMelConfig(**task["features"]), Path(task["cache"]))
"""


@pytest.mark.slow
def test_workers_give_what_one_process_gives(
    prepare: Callable,
    data_config: DataConfig,
    names: list[str],
    tau: Any,
    tmp_path: Path,
    everything: Callable,
) -> None:
    one = prepare(cache=tmp_path / "one")
    two = data_config.model_copy(update={"workers": 2})
    np.testing.assert_array_equal(everything(prepare(data=two)), everything(one))
    assert "OMP_NUM_THREADS" not in os.environ or os.environ["OMP_NUM_THREADS"] != "1"
    (tau.root / names[5]).write_text("no audio")
    with pytest.raises(DataError, match="cannot be read as audio") as caught:
        prepare(data=two)
    assert caught.value.path == tau.root / names[5]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc")
@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, -2)],
    ids=["SIGKILL", "SIGTERM", "SIGINT"],
)
def test_workers_end_with_their_parent(
    tau: Any,
    names: list[str],
    data_config: DataConfig,
    front_end: LogMelConfig,
    cache: Path,
    tmp_path: Path,
    number: int,
    status: int,
) -> None:
    pids = tmp_path / "pids"
    pids.mkdir()
    script = tmp_path / "slow.py"
    script.write_text(_SLOW_SCRIPT)
    task = {
        "root": str(tau.root),
        "names": names,
        "data": data_config.model_dump(mode="json") | {"workers": 2},
        "features": front_end.model_dump(mode="json"),
        "cache": str(cache),
        "pids": str(pids),
    }
    parent = subprocess.Popen([sys.executable, script, json.dumps(task)], stderr=subprocess.PIPE)
    assert parent.stderr is not None
    with parent.stderr:
        _wait(lambda: len(list(pids.iterdir())) == 2 or parent.poll() is not None)
        assert parent.poll() is None, parent.stderr.read()
        parent.send_signal(number)
        assert parent.wait(60) == status
    workers = [int(path.name) for path in pids.iterdir()]
    assert parent.pid not in workers
    _wait(lambda: not any(_alive(pid) for pid in workers))
    if number != signal.SIGKILL:
        assert list(cache.rglob(".*.tmp")) == []


def test_a_worker_that_dies_is_told(
    prepare: Callable, data_config: DataConfig, monkeypatch: pytest.MonkeyPatch, shards: Callable
) -> None:
    monkeypatch.setattr(processes, "_start_worker", os._exit)
    with pytest.raises(DssdError, match="a worker process ended") as caught:
        prepare(data=data_config.model_copy(update={"workers": 2}))
    assert "--workers" in str(caught.value)
    assert shards() == []


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] != "Z"
