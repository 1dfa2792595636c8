"""Stage: make the model that is deployed."""

import shutil

from dssd_tf.files import write_json
from dssd_tf.models import load_model
from dssd_tf.pipeline.quantizing import QuantizedFiles, quantize_to
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace


def quantize_model(run: RunFolder, workspace: Workspace) -> list[str]:
    """Write `model_int8.tflite` or `model_float16.tflite`, as the recipe says, or neither.

    What another method left is removed, so that the folder tells of one. A fine-tuning goes on
    from its last finished epoch.
    """
    method = workspace.recipe.quantization.method
    if method == "none":
        for file in (run.int8_model, run.float16_model, run.quantization):
            file.unlink(missing_ok=True)
        shutil.rmtree(run.twin, ignore_errors=True)
        return ["the recipe keeps the float model; `--method ptq` or `qat` makes an int8 one"]
    model = load_model(run.require(run.float_model, "train"))
    target, other = run.int8_model, run.float16_model
    if method == "float16":
        target, other = other, target
    if method != "qat":
        shutil.rmtree(run.twin, ignore_errors=True)
    notes = quantize_to(
        model,
        workspace,
        QuantizedFiles(target, run.fine_tuning, run.twin, run.fine_tuning_history),
    )
    other.unlink(missing_ok=True)
    write_json(run.quantization, notes)
    remarks = [f"{method}: {notes['bytes']:,} bytes"]
    if "best_epoch" in notes:
        remarks.append(f"epoch {notes['best_epoch']} of {notes['epochs']}")
    return remarks
