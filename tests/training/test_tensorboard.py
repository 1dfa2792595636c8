import importlib.util
from pathlib import Path

import pytest

from dssd_tf.errors import RunError
from dssd_tf.training.tensorboard import require_tensorboard, write_scalars


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"dssd_tf\[tensorboard\]"):
        require_tensorboard()


def test_scalars_are_read_back(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    rows = [{"epoch": n, "loss": 1.0 / n, "val_loss": 2.0 / n} for n in (1, 2, 3)]
    write_scalars(tmp_path / "tb", rows[:2])
    write_scalars(tmp_path / "tb", rows, first=2)
    events = EventAccumulator(str(tmp_path / "tb"))
    events.Reload()
    assert sorted(events.Tags()["tensors"]) == ["loss", "val_loss"]
    found = {e.step: float(make_ndarray(e.tensor_proto)) for e in events.Tensors("loss")}
    assert found == pytest.approx({1: 1, 2: 0.5, 3: 1 / 3})
