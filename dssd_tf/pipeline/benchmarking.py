"""What a .tflite model costs: time on this machine, memory and bytes."""

import datetime
import importlib.metadata
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dssd_tf.complexity import measure
from dssd_tf.errors import ModelError, RunError
from dssd_tf.evaluation.delegation import xnnpack_delegation
from dssd_tf.evaluation.latency import measure_latency
from dssd_tf.machine import processor
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.presets import is_preset
from dssd_tf.presets.config import INT8_FILE


def tflite_of(target: Path) -> Path:
    """The .tflite file of a target: itself, or the int8 model of a preset's or run's folder.

    Raises:
        ModelError: It is a file of another kind, or a preset without an int8 model.
        RunError: It is neither, or a run that was not quantized.
    """
    if target.suffix == ".tflite" and not target.is_dir():
        return target
    if target.is_file():
        raise ModelError(
            f"is no .tflite file (suffix {target.suffix!r})",
            path=target,
            fix="make one with `dssd quantize`",
        )
    if is_preset(target):
        if not (target / INT8_FILE).is_file():
            raise ModelError(
                f"the preset has no int8 model ({INT8_FILE})",
                path=target,
                fix="make it from a run that was quantized",
            )
        return target / INT8_FILE
    run = RunFolder(target)
    if not run.recipe_file.is_file():
        raise RunError(
            "is neither a .tflite file nor a run's folder (no recipe.yaml) nor a preset "
            "(no preset.json)",
            path=target,
        )
    return run.require(run.int8_model, "quantize")


def benchmark(path: Path, *, threads: int = 1, runs: int = 200) -> dict[str, Any]:
    """Everything measured of a .tflite file, as JSON values.

    Latencies are seconds at batch 1 on this machine; `peak_activation_bytes` is the largest sum
    of live activations (see `Complexity`); `arena` is that of TensorFlow Lite Micro, or null, with
    the reason in `arena_missing`.

    Args:
        path: The file.
        threads: Threads of the interpreter.
        runs: Inferences that are timed, with XNNPACK and without.

    Raises:
        ModelError: The file is missing, damaged, or cannot be run.
    """
    complexity = measure(path)
    content = path.read_bytes()
    latency = measure_latency(content, threads=threads, runs=runs, name=path)
    arena, missing = _arena(content)
    return {
        "model": str(path),
        "processor": processor(),
        "cpu_count": os.cpu_count(),
        "date": datetime.date.today().isoformat(),
        "runtime": f"ai-edge-litert {importlib.metadata.version('ai-edge-litert')}",
        "threads": threads,
        "latency_seconds": {"xnnpack": asdict(latency[True]), "builtin": asdict(latency[False])},
        "xnnpack": asdict(xnnpack_delegation(content, name=path)),
        "parameters": complexity.parameters,
        "macs": complexity.macs,
        "file_bytes": complexity.file_bytes,
        "peak_activation_bytes": complexity.peak_activation_bytes,
        "peak_tensors": complexity.to_dict()["peak_tensors"],
        "arena": arena,
        "arena_missing": missing,
    }


def _arena(content: bytes) -> tuple[dict[str, Any] | None, str | None]:
    """TensorFlow Lite Micro's arena, or why it was not measured."""
    from dssd_tf.deployment.tflm import measure_arena, tflm_version

    if tflm_version() is None:
        return None, "tflite-micro is not installed; pip install 'dssd_tf[mcu]'"
    try:
        return measure_arena(content).to_dict(), None
    except ModelError as error:
        return None, error.problem
