"""Stage: make the int8 model."""

import numpy as np

from dssd_tf.files import write_bytes
from dssd_tf.models import load_model
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.quantization.ptq import quantize_ptq


def quantize_model(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `model_int8.tflite`, unless the recipe does not quantize."""
    if workspace.recipe.quantization.method == "none":
        run.int8_model.unlink(missing_ok=True)
        return ["the recipe keeps the float model"]
    model = load_model(run.require(run.float_model, "train"))
    content = quantize_ptq(model, calibration_features(workspace))
    write_bytes(run.int8_model, content)
    return [f"{len(content):,} bytes"]


def calibration_features(workspace: Workspace) -> np.ndarray:
    """Features (clips, time, frequency, channels) of training clips, chosen by the seed."""
    clips = workspace.dataset.train
    count = min(workspace.recipe.quantization.calibration_clips, len(clips))
    generator = np.random.default_rng([workspace.recipe.seed, 0xCA11])
    chosen = generator.permutation(len(clips))[:count]
    store = workspace.store
    return store.gather(store.positions(clips["filename"].iloc[chosen]))
