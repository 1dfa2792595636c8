from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.evaluation.predictor import open_predictor
from dssd_tf.files import read_json
from dssd_tf.pipeline import RunFolder, Workspace, parity
from dssd_tf.pipeline.stages.evaluate import open_systems, score_systems


@pytest.fixture
def logits(run: RunFolder, changed_workspace: Callable[..., Workspace]) -> dict[str, np.ndarray]:
    """Of the run's float and int8 models."""
    return score_systems(open_systems(run), changed_workspace())[0]


def test_a_run_has_its_parity(run: RunFolder) -> None:
    found, metrics = read_json(run.parity), read_json(run.metrics)
    assert list(found["systems"]) == ["float", "int8"]
    for name, system in metrics["systems"].items():
        for key in ("macro_accuracy", "log_loss"):
            assert found["systems"][name][key] == pytest.approx(system[key])
    (pair,) = found["pairs"]
    assert (pair["reference"], pair["other"]) == ("float", "int8")
    for key, value in metrics["agreement"].items():
        assert pair[key] == pytest.approx(value)
    table = pd.read_csv(run.predictions)
    float_, int8 = (table[table["system"] == name] for name in ("float", "int8"))
    changed = float_["predicted"].to_numpy() != int8["predicted"].to_numpy()
    for label, flips in pair["flips"].items():
        mask = (float_["scene_label"] == label).to_numpy()
        assert flips["clips"] == mask.sum()
        assert flips["changed"] == changed[mask].sum()


def test_layers_are_those_of_the_int8_file(run: RunFolder) -> None:
    layers = read_json(run.parity)["layers"]
    assert layers["clips"] == min(parity.LAYER_CLIPS, read_json(run.parity)["clips"])
    rows = layers["tensors"]
    assert (rows[0]["layer"], rows[0]["operator"]) == ("features", "input")
    assert rows[-1]["layer"] == "logits"
    assert all(row["layer"] for row in rows)
    assert all(row["sqnr_db"] is None or row["sqnr_db"] > 10 for row in rows)


def test_simulated_logits_stand_between_both(
    run: RunFolder,
    changed_workspace: Callable[..., Workspace],
    logits: dict[str, np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run.twin.mkdir(parents=True)
    monkeypatch.setattr(parity, "twin_logits", lambda run, workspace: logits["int8"] + 0.25)
    monkeypatch.setattr(parity, "compare_layers", lambda run, workspace: None)
    remarks = parity.write_parity(run, changed_workspace(), logits)
    found = read_json(run.parity)
    assert list(found["systems"]) == ["float", "fake_quant", "int8"]
    last = found["pairs"][-1]
    assert (last["reference"], last["other"], last["argmax"]) == ("fake_quant", "int8", 1.0)
    assert last["max_abs_logit"] == pytest.approx(0.25, abs=1e-5)
    assert "int8 agrees with fake_quant on 100.0 %" in remarks


def test_a_twin_predicts_from_the_store(
    run: RunFolder,
    changed_workspace: Callable[..., Workspace],
    logits: dict[str, np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The float model in the twin's place: its logits come in the order of the test list."""
    workspace = changed_workspace()
    predictor = open_predictor(run.float_model)
    shape = SimpleNamespace(shape=(None, *predictor.input_shape))
    twin = SimpleNamespace(model=SimpleNamespace(inputs=[shape]), predictor=predictor)
    monkeypatch.setattr(
        "dssd_tf.quantization.qat.stored_twin.load_twin", lambda model, folder: twin
    )
    monkeypatch.setattr(
        "dssd_tf.quantization.qat.twin.fake_quant_logits",
        lambda twin, features: twin.predictor(features),
    )
    found = parity.twin_logits(run, workspace)
    np.testing.assert_allclose(found, logits["float"], rtol=1e-5, atol=1e-6)


def test_a_twin_of_another_model_is_told(
    run: RunFolder,
    changed_workspace: Callable[..., Workspace],
    logits: dict[str, np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run.twin.mkdir(parents=True)
    monkeypatch.setattr(parity, "compare_layers", lambda run, workspace: None)
    remarks = parity.write_parity(run, changed_workspace(), logits)
    assert list(read_json(run.parity)["systems"]) == ["float", "int8"]
    assert remarks[-1].startswith(f"fake_quant not compared: {run.twin}: holds no")


def test_a_model_without_layers_to_compare_is_told(
    run: RunFolder,
    changed_workspace: Callable[..., Workspace],
    logits: dict[str, np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(run: RunFolder, workspace: Workspace) -> None:
        raise ModelError("layer 'odd' (Odd) has no deploy form")

    monkeypatch.setattr(parity, "compare_layers", refuse)
    remarks = parity.write_parity(run, changed_workspace(), logits)
    assert read_json(run.parity)["layers"] is None
    assert remarks[-1] == "layers not compared: layer 'odd' (Odd) has no deploy form"


def test_nothing_to_compare_leaves_no_file(
    run: RunFolder, changed_workspace: Callable[..., Workspace], logits: dict[str, np.ndarray]
) -> None:
    assert run.parity.is_file()
    assert parity.write_parity(run, changed_workspace(), {"float": logits["float"]}) == []
    assert not run.parity.exists()
