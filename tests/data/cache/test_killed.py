"""Writers that are killed at any point, and writers that work at once, make the same cache."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.data import DataConfig, prepare_features, read_dataset
from dssd_tf.data.cache.verify import verify_cache
from dssd_tf.features import LogMelConfig

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")

# One process that imports once and forks the writers: each kill then costs no start-up.
_SCRIPT = """
import json, os, random, signal, sys, threading, time
from pathlib import Path
import numpy as np
from dssd_tf.data import ClipReader, DataConfig, prepare_features
from dssd_tf.data.cache import plan, shard
from dssd_tf.features import LogMelConfig, LogMelExtractor

task = json.loads(sys.argv[1])
plan.SHARD_CLIPS = 4
counts = {"clip": 0, "file": 0}
kill_at = {}

def reached(what):
    counts[what] += 1
    if counts[what] == kill_at.get(what):
        os.kill(os.getpid(), signal.SIGKILL)

read, finish = ClipReader.__call__, shard._finish

def slow_read(self, path):
    reached("clip")
    time.sleep(0.002)
    return read(self, path)

def finish_then(file):
    finish(file)
    reached("file")

ClipReader.__call__, shard._finish = slow_read, finish_then

# The kernels are loaded before the forks, or every child spends its life on it.
LogMelExtractor(LogMelConfig(**task["features"])).log_mel(np.zeros(2000, np.float32))

def prepare():
    prepare_features(Path(task["root"]), task["names"], DataConfig(**task["data"]),
                     LogMelConfig(**task["features"]), Path(task["cache"]))

def start(points=(), seconds=None):
    child = os.fork()
    if child:
        return child
    kill_at.update(points)
    if seconds is not None:
        threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
    status = 1
    try:
        prepare()
        status = 0
    finally:
        os._exit(status)

def end(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

if task["mode"] == "kill":
    random.seed(7)
    states = []
    for attempt in range(12):
        kind = ("clip", "file", "time")[attempt % 3]
        if kind == "time":
            child = start(seconds=random.uniform(0.01, 0.15))
        else:
            child = start({kind: random.randint(1, 8)})
        states.append([end(child), len(list(Path(task["cache"]).glob("*/shard-*")))])
    states.append([end(start()), None])
else:
    states = [[end(child), None] for child in [start() for _ in range(3)]]
print(json.dumps(states))
"""


@pytest.fixture
def whole(
    _tau_original: Path,
    data_config: DataConfig,
    front_end: LogMelConfig,
    tmp_path: Path,
    small_shards: None,
) -> Any:
    """The store of one undisturbed writer."""
    names = read_dataset(_tau_original, data_config).filenames
    alone = data_config.model_copy(update={"workers": 1})
    return prepare_features(_tau_original, names, alone, front_end, tmp_path / "whole")


@pytest.fixture
def write(
    whole: Any, _tau_original: Path, data_config: DataConfig, front_end: LogMelConfig, cache: Path
) -> Callable[[str], list[list[Any]]]:
    def run(mode: str) -> list[list[Any]]:
        task = {
            "mode": mode,
            "root": str(_tau_original),
            "names": whole.filenames,
            "data": data_config.model_dump(mode="json") | {"workers": 1},
            "features": front_end.model_dump(mode="json"),
            "cache": str(cache),
        }
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, json.dumps(task)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def _assert_same(found: Path, whole: Path) -> None:
    """Equal shard by shard and array by array."""
    names = sorted(p.relative_to(whole) for p in whole.glob("*/shard-*/*"))
    assert sorted(p.relative_to(found) for p in found.glob("*/shard-*/*")) == names
    assert len(names) == 3 * 12
    for name in names:
        if name.suffix == ".npy":
            np.testing.assert_array_equal(np.load(found / name), np.load(whole / name))
        else:
            assert (found / name).read_bytes() == (whole / name).read_bytes()
    assert list(verify_cache(found)) == []


@pytest.mark.slow
def test_kills_at_random_points_change_nothing(write: Callable, whole: Any, cache: Path) -> None:
    states = write("kill")
    assert states[-1] == [0, None]
    killed = [shards for status, shards in states[:-1] if status == -9]
    # At least those at a clip or a file while there was enough left to do.
    assert len(killed) >= 4
    assert any(0 < shards < 12 for shards in killed)
    _assert_same(cache, whole.folder.parent)


@pytest.mark.slow
def test_writers_at_once_make_no_duplicates(write: Callable, whole: Any, cache: Path) -> None:
    assert write("together") == [[0, None]] * 3
    _assert_same(cache, whole.folder.parent)
    assert list(cache.rglob(".*.tmp")) == []
