import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import tensorflow as tf

from dssd_tf.errors import RunError
from dssd_tf.training import devices as module
from dssd_tf.training.config import TrainingConfig
from dssd_tf.training.devices import Devices, strategy_for, writes_run


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Strategies are kept a process long."""
    strategy_for.cache_clear()
    yield
    strategy_for.cache_clear()


def _config(index: int) -> str:
    cluster = {"worker": ["localhost:1", "localhost:2"]}
    return json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})


def test_recipes_may_name_each() -> None:
    for name in get_args(Devices):
        assert TrainingConfig(devices=name).devices == name
    assert TrainingConfig().devices == "auto"


@pytest.mark.parametrize("name", ["auto", "cpu"])
def test_one_device_needs_no_strategy(name: Devices) -> None:
    assert strategy_for(name) is None


def test_a_gpu_that_is_not_there() -> None:
    with pytest.raises(RunError, match=r"one_gpu, but TensorFlow sees no GPU — .*auto"):
        strategy_for("one_gpu")


def test_mirrored_needs_several_devices() -> None:
    with pytest.raises(RunError, match="mirrored, but TensorFlow sees only one CPU"):
        strategy_for("mirrored")


def test_one_gpu_is_not_mirrored(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_gpu(kind: str) -> list[str]:
        return ["GPU:0"] if kind == "GPU" else ["CPU:0", "CPU:1"]

    monkeypatch.setattr(tf.config, "list_logical_devices", one_gpu)
    with pytest.raises(RunError, match="sees only one GPU"):
        strategy_for("mirrored")


def test_all_gpus_but_the_first_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden: list[Any] = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["first", "second"])
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: ["first", "second"])
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda *given: hidden.append(given))
    assert strategy_for("one_gpu") is None
    assert strategy_for("cpu") is None
    assert hidden == [(["first"], "GPU"), ([], "GPU")]


def test_workers_need_tf_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(RunError, match="TF_CONFIG, which is not set"):
        strategy_for("multi_worker")


def test_workers_come_before_anything_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    tf.constant(0.0)
    monkeypatch.setenv("TF_CONFIG", _config(0))
    monkeypatch.setattr(module, "meet", lambda cluster: None)
    with pytest.raises(RunError, match="before TensorFlow computes anything"):
        strategy_for("multi_worker")


def test_only_the_chief_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", _config(1))
    assert writes_run("mirrored") and writes_run("auto")
    assert not writes_run("multi_worker")
    monkeypatch.setenv("TF_CONFIG", _config(0))
    assert writes_run("multi_worker")
