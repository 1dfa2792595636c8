"""The energy of a run's training and inference, and of a baseline's inference (edition 2023)."""

from dataclasses import asdict
from typing import Any

import numpy as np

from dssd_tf.energy import Energy, measure_energy, require_codecarbon
from dssd_tf.evaluation.predictions import predict_store
from dssd_tf.evaluation.predictor import TFLitePredictor, open_predictor
from dssd_tf.files import read_json, write_json
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import track

BASELINE = "baseline_2022"
"""The network whose inference figures are compared with, at int8."""


def note_energy(run: RunFolder, **found: Energy) -> dict[str, Any]:
    """Write figures into `energy.json` beside those that are there, and return all."""
    known = read_json(run.energy) if run.energy.is_file() else {}
    parts = ("training", "inference", "baseline_inference")
    result = {**dict.fromkeys(parts), **known}
    result |= {name: asdict(energy) for name, energy in found.items()}
    write_json(run.energy, result)
    return result


def measure_inference(run: RunFolder, workspace: Workspace) -> dict[str, Any]:
    """Run the deployed model over the test clips, and the baseline over as many; write the energy.

    The features were made before; reading them counts. The baseline runs on zeros of its own
    shape, with weights that were never trained: neither changes its work.

    Raises:
        RunError: codecarbon is not installed, or the run has no model yet.
    """
    require_codecarbon()
    system, file = run.deployed_model()
    predictor = open_predictor(file)
    names = list(workspace.dataset.test["filename"])
    store = workspace.store
    _, inference = measure_energy(
        lambda: predict_store(predictor, store, names, f"test clips, {system}")
    )
    baseline = _baseline()

    def run_baseline() -> None:
        clip = np.zeros((1, *baseline.input_shape), np.float32)
        for _ in track(range(len(names)), f"{len(names)} clips, {BASELINE}"):
            baseline(clip)

    _, compared = measure_energy(run_baseline)
    return note_energy(run, inference=inference, baseline_inference=compared)


def _baseline() -> TFLitePredictor:
    from dssd_tf.models import create_model
    from dssd_tf.quantization.ptq import quantize_ptq

    model = create_model(BASELINE)
    noise = np.random.default_rng(0).normal(size=(8, *model.input_shape[1:]))
    return TFLitePredictor(quantize_ptq(model, noise.astype(np.float32)))
