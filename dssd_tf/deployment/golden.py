"""Golden vectors: inputs with the outputs that every implementation must give."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.deployment.front_end import PCM_SCALE, FrontEnd
from dssd_tf.deployment.int8_model import Int8Model
from dssd_tf.deployment.tflm import run_tflm
from dssd_tf.native_log import silenced

MICRO = "TensorFlow Lite Micro"

_SEED = 0x601D


@dataclass(frozen=True)
class GoldenVectors:
    """Inputs and outputs of the model, and how far its other runtimes are from them.

    Differences are the largest of all outputs, in int8 steps.

    Attributes:
        inputs: (n, …) int8.
        outputs: (n, …) int8, of TensorFlow Lite Micro where it is installed, otherwise of
            LiteRT's reference kernels.
        clips: (n, samples) int16 that the inputs are the features of; None without front end.
        runtime: Where the outputs come from.
        inputs_are: What the inputs are, in words.
        reference_difference: LiteRT's reference kernels from `outputs`.
        litert_difference: LiteRT with its optimised kernels and XNNPACK from `outputs`.
    """

    inputs: NDArray[np.int8]
    outputs: NDArray[np.int8]
    clips: NDArray[np.int16] | None
    runtime: str
    inputs_are: str
    reference_difference: int
    litert_difference: int

    @property
    def tolerance(self) -> int:
        """Steps that TensorFlow Lite Micro may differ: LiteRT's fully connected rounds twice."""
        return 0 if self.runtime == MICRO else 1

    def to_dict(self) -> dict[str, Any]:
        """What was compared, without the arrays."""
        return {
            "count": len(self.inputs),
            "inputs": self.inputs_are,
            "runtime": self.runtime,
            "tolerance": self.tolerance,
            "reference_difference": self.reference_difference,
            "litert_difference": self.litert_difference,
        }


def golden_vectors(
    model: Int8Model,
    front_end: FrontEnd | None,
    count: int,
    clips: NDArray[np.int16] | None = None,
    *,
    micro: bool,
) -> GoldenVectors:
    """Run inputs through the model.

    Args:
        model: The model.
        front_end: Its front end; without it, the inputs are random numbers.
        count: Number of vectors, unless `clips` are given.
        clips: Recorded clips (n, samples); None renders noise and tones.
        micro: Whether `tflite-micro` is installed.

    Raises:
        ModelError: TensorFlow Lite Micro refuses the model.
    """
    told = "features of recordings"
    if front_end is None:
        random = np.random.default_rng(_SEED)
        inputs = random.integers(-128, 128, (count, *model.input.shape[1:]), np.int8)
        told, clips = "uniform random numbers", None
    else:
        if clips is None:
            told = "features of synthetic noise and tones"
            clips = np.stack([synthetic_clip(front_end, number) for number in range(count)])
        inputs = model.input.quantize(front_end.features(clips))
    reference = run_litert(model.content, inputs, reference=True)
    outputs = run_tflm(model.content, inputs) if micro else reference
    runtime = MICRO if micro else "LiteRT, reference kernels"
    fast = run_litert(model.content, inputs, reference=False)
    differences = _steps(reference, outputs), _steps(fast, outputs)
    return GoldenVectors(inputs, outputs, clips, runtime, told, *differences)


def synthetic_clip(front_end: FrontEnd, number: int) -> NDArray[np.int16]:
    """A clip (samples,) of coloured noise with a few tones; another `number`, another clip."""
    random = np.random.default_rng([_SEED, number])
    samples, rate = front_end.samples, front_end.config.sampling_rate
    spectrum = np.fft.rfft(random.normal(size=samples))
    spectrum /= np.maximum(np.arange(spectrum.size), 1) ** random.uniform(0.2, 1.2)
    sound = np.fft.irfft(spectrum, samples)
    sound /= np.abs(sound).max() or 1.0
    time = np.arange(samples) / rate
    for _ in range(3):
        frequency, level = rate * random.uniform(0.002, 0.4), random.uniform(0.02, 0.3)
        start = random.uniform(0, time[-1])
        sound += level * np.sin(2 * np.pi * frequency * time) * (time >= start)
    sound *= random.uniform(0.05, 0.9) / np.abs(sound).max()
    return np.round(sound * (PCM_SCALE - 1)).astype(np.int16)


def run_litert(content: bytes, inputs: NDArray[np.int8], *, reference: bool) -> NDArray[np.int8]:
    """Outputs (n, …) of LiteRT for inputs (n, …), by its reference or its fast kernels."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kernels = OpResolverType.BUILTIN_REF if reference else OpResolverType.AUTO
    with silenced():
        interpreter = Interpreter(
            model_content=content, experimental_op_resolver_type=kernels, num_threads=1
        )
        interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    target = interpreter.get_output_details()[0]["index"]
    outputs = []
    for values in inputs:
        interpreter.set_tensor(source, values[None])
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(target)[0])
    return np.stack(outputs)


def _steps(first: NDArray[np.int8], second: NDArray[np.int8]) -> int:
    return int(np.abs(first.astype(int) - second.astype(int)).max())
