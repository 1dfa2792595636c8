from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.errors import RunError
from dssd_tf.quantization.qat.checkpoint import best_arrays, load_state, save_state
from dssd_tf.training.checkpoint import Progress


def _variables(value: float) -> dict[str, list[tf.Variable]]:
    return {
        "weights": [tf.Variable(np.full((2, 3), value, "f4")), tf.Variable(value)],
        "optimizer": [tf.Variable(int(value), dtype=tf.int64)],
    }


def _progress(epochs: int, best: int) -> Progress:
    return Progress([{"epoch": n + 1, "loss": 1.0} for n in range(epochs)], best, 1.0)


def _save(folder: Path, epochs: int, best: int, identity: str = "one") -> None:
    save_state(folder, identity, _variables(float(epochs)), _progress(epochs, best))


def test_state_and_best_weights_come_back(tmp_path: Path) -> None:
    for epoch, best in ((1, 1), (2, 2), (3, 2)):
        _save(tmp_path, epoch, best)
    variables = _variables(0.0)
    assert load_state(tmp_path, "one", variables) == _progress(3, 2)
    assert float(variables["weights"][1]) == 3 and int(variables["optimizer"][0]) == 3
    assert [float(a.max()) for a in best_arrays(tmp_path)] == [2, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["epoch-00003"]


def test_nothing_saved_yet_and_another_identity_are_a_start(tmp_path: Path) -> None:
    assert load_state(tmp_path / "none", "one", _variables(0.0)) is None
    with pytest.raises(RunError, match="no finished epoch"):
        best_arrays(tmp_path / "none")
    _save(tmp_path, 1, 1)
    variables = _variables(0.0)
    assert load_state(tmp_path, "other", variables) is None
    assert float(variables["weights"][1]) == 0


@pytest.mark.parametrize("name", ["weights.npz", "optimizer.npz", "state.json"])
def test_a_damaged_state_is_named(tmp_path: Path, name: str) -> None:
    _save(tmp_path, 2, 2)
    (tmp_path / "epoch-00002" / name).write_bytes(b"half")
    with pytest.raises(RunError, match="the state of the fine-tuning cannot be read") as caught:
        load_state(tmp_path, "one", _variables(0.0))
    assert caught.value.path == tmp_path / "epoch-00002"


def test_a_state_of_another_network_is_refused(tmp_path: Path) -> None:
    _save(tmp_path, 1, 1)
    variables = {**_variables(0.0), "weights": [tf.Variable(0.0)]}
    with pytest.raises(RunError, match="arrays of another network"):
        load_state(tmp_path, "one", variables)
