"""One way to run a float or an int8 model over features."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError
from dssd_tf.native_log import silenced


class Predictor(Protocol):
    """Maps features (clips, time, frequency, channels) to logits (clips, classes)."""

    input_shape: tuple[int, ...]
    """(time, frequency, channels)."""

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits of each clip."""


class KerasPredictor:
    """Runs a Keras model.

    Args:
        model: A model with one input and logits as output.
    """

    def __init__(self, model: Any):
        self.model = model
        self.input_shape = tuple(model.inputs[0].shape[1:])

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits (clips, classes)."""
        return np.asarray(self.model.predict_on_batch(features), dtype=np.float32)


class TFLitePredictor:
    """Runs a .tflite file with LiteRT, clip by clip.

    int8 inputs are quantized and int8 outputs dequantized by the file's own scales.

    Args:
        content: The flatbuffer.
        threads: Threads of the interpreter.
        name: What to call the model in errors.

    Raises:
        ModelError: The flatbuffer cannot be read.
    """

    def __init__(self, content: bytes, *, threads: int = 1, name: str = "model"):
        self._interpreter = open_interpreter(content, threads=threads, name=name)
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]
        self.input_shape = tuple(int(n) for n in self._input["shape"][1:])

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits (clips, classes)."""
        return np.concatenate([self._one(clip[None]) for clip in features])

    def _one(self, clip: NDArray[np.float32]) -> NDArray[np.float32]:
        self._interpreter.set_tensor(self._input["index"], _quantized(clip, self._input))
        self._interpreter.invoke()
        raw = self._interpreter.get_tensor(self._output["index"])
        if not np.issubdtype(raw.dtype, np.integer):
            return raw.astype(np.float32)
        scale, zero = self._output["quantization"]
        return (raw.astype(np.float32) - zero) * scale


def open_interpreter(
    content: bytes, *, threads: int = 1, xnnpack: bool = True, name: Path | str = "model"
) -> Any:
    """A LiteRT interpreter of a .tflite flatbuffer, its tensors allocated.

    Args:
        content: The flatbuffer.
        threads: Threads of the interpreter.
        xnnpack: Whether XNNPACK runs what it can; else LiteRT's own kernels do.
        name: What to call the model in errors.

    Raises:
        ModelError: The flatbuffer cannot be read.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kernels = OpResolverType.AUTO if xnnpack else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        with silenced():
            interpreter = Interpreter(
                model_content=content, num_threads=threads, experimental_op_resolver_type=kernels
            )
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"is not a readable .tflite model ({error})", path=name) from error
    return interpreter


def open_predictor(path: Path | str) -> Predictor:
    """A predictor for a `.keras` or `.tflite` file.

    Raises:
        ModelError: The file is missing, of another kind, or cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError("no such model file", path=path)
    if path.suffix == ".tflite":
        return TFLitePredictor(path.read_bytes(), name=str(path))
    if path.suffix == ".keras":
        with silenced():
            from dssd_tf.models import load_model

        return KerasPredictor(load_model(path))
    raise ModelError(f"unknown kind of model {path.suffix!r}", path=path, fix="give .keras/.tflite")


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities (clips, classes) of logits (clips, classes), computed in float64."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    exponent = np.exp(shifted)
    return exponent / exponent.sum(axis=1, keepdims=True)


def log_softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Natural log-probabilities (clips, classes) of logits (clips, classes), in float64."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _quantized(values: NDArray[np.float32], details: dict[str, Any]) -> NDArray[Any]:
    dtype = details["dtype"]
    if not np.issubdtype(dtype, np.integer):
        return values.astype(dtype)
    scale, zero = details["quantization"]
    limits = np.iinfo(dtype)
    return np.clip(np.round(values / scale + zero), limits.min, limits.max).astype(dtype)
