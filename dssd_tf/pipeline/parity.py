"""The parity of a run's models: float, simulated and real integers on the same clips."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError, RunError
from dssd_tf.evaluation.predictions import predict_store
from dssd_tf.evaluation.side_by_side import side_by_side
from dssd_tf.files import write_json
from dssd_tf.models import load_model
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import track

LAYER_CLIPS = 64
"""Clips on which single layers are compared; logits are compared on all."""


def write_parity(
    run: RunFolder, workspace: Workspace, logits: Mapping[str, NDArray[np.floating]]
) -> list[str]:
    """Write `parity.json`, or remove it where there is nothing but the float model.

    Args:
        run: The run.
        workspace: Its data.
        logits: (test clips, classes) by system, `float` first.

    Returns:
        Remarks for the stage; one says so where the twin or the layers cannot be compared.
    """
    if len(logits) < 2:
        run.parity.unlink(missing_ok=True)
        return []
    clips = workspace.dataset.test
    systems, remarks = dict(logits), []
    if run.twin.is_dir():
        try:
            simulated = twin_logits(run, workspace)
        except (ModelError, RunError) as error:
            remarks.append(f"fake_quant not compared: {error}")
        else:
            first = {"float": systems.pop("float"), "fake_quant": simulated}
            systems = {**first, **systems}
    truth = clips["label"].to_numpy(dtype=np.int64)
    result = side_by_side(truth, systems, list(workspace.dataset.classes))
    result["layers"] = None
    if "int8" in systems:
        try:
            result["layers"] = compare_layers(run, workspace)
        except ModelError as error:
            remarks.append(f"layers not compared: {error}")
    write_json(run.parity, result)
    return [
        f"{pair['other']} agrees with {pair['reference']} on {100 * pair['argmax']:.1f} %"
        for pair in result["pairs"]
    ] + remarks


def twin_logits(run: RunFolder, workspace: Workspace) -> NDArray[np.float32]:
    """Logits (test clips, classes) of the run's fine-tuned twin, which simulates the rounding.

    Raises:
        ModelError: The float model has no twin.
        RunError: The stored twin cannot be read or is that of another model.
    """
    from dssd_tf.quantization.qat.stored_twin import load_twin

    predictor = TwinPredictor(load_twin(load_model(run.float_model), run.twin))
    names = list(workspace.dataset.test["filename"])
    return predict_store(predictor, workspace.store, names, "test clips, fake_quant")


def compare_layers(run: RunFolder, workspace: Workspace) -> dict[str, Any]:
    """`layers` of `parity.json`: up to `LAYER_CLIPS` test clips, chosen by the seed.

    Raises:
        ModelError: The float model has no deploy form, or the int8 model cannot be looked into.
    """
    from dssd_tf.quantization.deploy_form import deploy_form
    from dssd_tf.quantization.parity import layer_parity

    names = workspace.dataset.test["filename"]
    chosen = np.random.default_rng([workspace.recipe.seed, 0x5A17]).permutation(len(names))
    chosen = np.sort(chosen[:LAYER_CLIPS])
    positions = workspace.store.positions(names.iloc[chosen])

    def features() -> Iterator[NDArray[np.float32]]:
        for position in track(positions, "layers, float against int8", len(positions)):
            yield workspace.store.gather(np.array([position]))[0]

    deployed = deploy_form(load_model(run.float_model))
    tensors = layer_parity(deployed, run.int8_model.read_bytes(), features())
    return {"clips": len(positions), "tensors": [tensor.as_json() for tensor in tensors]}


class TwinPredictor:
    """Runs a fine-tuned twin like any model.

    Args:
        twin: As `load_twin` gives it.
    """

    def __init__(self, twin: Any):
        self._twin = twin
        self.input_shape = tuple(twin.model.inputs[0].shape[1:])

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits (clips, classes)."""
        from dssd_tf.quantization.qat.twin import fake_quant_logits

        return fake_quant_logits(self._twin, features)
