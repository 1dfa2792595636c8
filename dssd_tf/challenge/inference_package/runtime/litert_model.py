"""Running a .tflite file with LiteRT."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.challenge.inference_package.runtime.errors import InferenceError


def has_litert() -> bool:
    """Whether ai-edge-litert is installed."""
    return importlib.util.find_spec("ai_edge_litert") is not None


class LiteRTModel:
    """One model; features in, logits of the classes out.

    Args:
        path: The .tflite file, its batch 1.
        classes: Number of classes; outputs behind them are cut off.

    Raises:
        InferenceError: LiteRT is not installed or refuses the file.
    """

    def __init__(self, path: Path, classes: int):
        if not has_litert():
            raise InferenceError("needs LiteRT to run", path=path, fix="pip install ai-edge-litert")
        from ai_edge_litert.interpreter import Interpreter

        try:
            self._interpreter = Interpreter(model_path=str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise InferenceError(f"is refused by LiteRT ({error})", path=path) from error
        self._classes = classes
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits (clips, classes) of `features` (clips, time, frequency, channels)."""
        return np.stack([self._one(clip) for clip in np.asarray(features, np.float32)])

    def _one(self, clip: NDArray[np.float32]) -> NDArray[np.float32]:
        self._interpreter.set_tensor(self._input["index"], _stored(clip[None], self._input))
        self._interpreter.invoke()
        raw = self._interpreter.get_tensor(self._output["index"])[0, : self._classes]
        if not np.issubdtype(raw.dtype, np.integer):
            return raw.astype(np.float32)
        scale, zero_point = self._output["quantization"]
        return (raw.astype(np.float32) - zero_point) * scale


class LiteRTModels:
    """The models of a system, by device: what `load_model` gives where torch is not installed.

    Args:
        files: The system's files.
    """

    def __init__(self, files: Any):
        self.files = files
        count = len(files.classes)
        self._models = {stem: LiteRTModel(files.model(stem), count) for stem in files.all_stems}

    def for_device(self, device_id: Any) -> LiteRTModel:
        """The model of a device, or the general one."""
        return self._models[self.files.stem(device_id)]


def _stored(values: NDArray[np.float32], details: dict[str, Any]) -> NDArray[Any]:
    dtype = details["dtype"]
    if not np.issubdtype(dtype, np.integer):
        return values.astype(dtype)
    scale, zero_point = details["quantization"]
    limits = np.iinfo(dtype)
    return np.clip(np.round(values / scale + zero_point), limits.min, limits.max).astype(dtype)
