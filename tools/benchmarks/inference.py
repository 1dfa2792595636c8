"""Time int8 networks, one thread: the deploy form against the plain converted model.

Each round runs every file once, in turn, so that a busy machine slows all alike; a ratio is the
median over the rounds of the ratio within a round. The weights are random, the statistics of the
normalizations too: neither changes the time.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from table import machine_line, write_csv

if TYPE_CHECKING:
    import keras
    import numpy as np

_PLAIN, _DEPLOY = "plain", "deploy form"


def main(arguments: list[str] | None = None) -> int:
    """Convert, measure, print a table, and write it to the file of `--csv`."""
    options = _parser().parse_args(arguments)
    from dssd_tf.errors import DssdError

    files: dict[tuple[str, str], bytes] = {}
    parameters: dict[str, int] = {}
    try:
        for name in dict.fromkeys((*options.networks, options.baseline)):
            model, clips = _network(name)
            parameters[name] = sum(int(weight.shape.num_elements()) for weight in _values(model))
            print(f"converting {name} ...", file=sys.stderr)
            files[name, _PLAIN] = _convert_plainly(model, clips)
            if name in options.networks:
                from dssd_tf.quantization.ptq import quantize_ptq

                files[name, _DEPLOY] = quantize_ptq(model, clips)
    except DssdError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    from dssd_tf.evaluation.delegation import xnnpack_delegation

    seconds = _time(files, options.rounds)
    rows = []
    for (name, form), content in files.items():
        own = seconds[name, form]
        baseline = seconds[options.baseline, _PLAIN]
        arena = _arena(content)
        delegation = xnnpack_delegation(content)
        rows.append(
            {
                "network": name,
                "form": form,
                "milliseconds": round(_median(own) * 1e3, 3),
                "best_milliseconds": round(float(own.min()) * 1e3, 3),
                "plain_over_this": round(_median(seconds[name, _PLAIN] / own), 2),
                "baseline_over_this": round(_median(baseline / own), 2),
                "partitions": delegation.partitions,
                "operators_outside": sum(delegation.outside.values()),
                "bytes": len(content),
                "bytes_per_parameter": round(len(content) / parameters[name], 3),
                "arena_kib": "" if arena is None else round(arena / 1024, 1),
            }
        )
    print(machine_line("one thread"))
    print(f"{options.rounds} rounds; baseline: {options.baseline}, plain; arena: tflite-micro")
    for row in rows:
        print(
            "{network:20s} {form:12s} {milliseconds:8.3f} ms (best {best_milliseconds:.3f})  "
            "{plain_over_this:5.2f} x plain  {baseline_over_this:5.2f} x baseline  "
            "{partitions:2d} partitions, {operators_outside:2d} operators outside  "
            "{bytes_per_parameter:.3f} bytes a parameter  {arena_kib!s:>6s} KiB".format(**row)
        )
    if options.csv:
        write_csv(options.csv, rows)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "networks",
        nargs="*",
        default=["dsmn_s", "dssdn_large", "dssdn_middle", "dssdn_small"],
        help="names of the registry (default: DSMN-S and the DSSDN variants)",
    )
    parser.add_argument(
        "--baseline", default="baseline_2024", metavar="NAME", help="network to compare with"
    )
    parser.add_argument("--rounds", type=int, default=300, help="runs of each file (default: 300)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write the table here")
    return parser


def _network(name: str) -> "tuple[keras.Model, np.ndarray]":
    """A network as after training: statistics that are not those it starts with."""
    import keras
    import numpy as np

    from dssd_tf.models import create_model

    keras.utils.set_random_seed(0)
    model = create_model(name)
    random = np.random.default_rng(0)
    for weight in model.weights:
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(random.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias"):
            weight.assign(random.normal(0.0, 0.2, weight.shape))
    clips = random.normal(size=(8, *model.input_shape[1:])).astype("float32")
    return model, clips


def _values(model: "keras.Model") -> list[Any]:
    return [weight.value for weight in model.trainable_weights]


def _convert_plainly(model: "keras.Model", clips: "np.ndarray") -> bytes:
    """The trained model through the TFLite converter, as its guide has it."""
    import keras
    import tensorflow as tf

    from dssd_tf.native_log import silenced

    with tempfile.TemporaryDirectory() as folder, silenced():
        shape = (1, *model.input_shape[1:])
        model.export(
            folder,
            format="tf_saved_model",
            verbose=False,
            input_signature=[keras.InputSpec(shape=shape, dtype="float32")],
        )
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([clip[None]] for clip in clips)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        return bytes(converter.convert())


def _interpreter(content: bytes) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def _time(files: dict[Any, bytes], rounds: int) -> "dict[Any, np.ndarray]":
    """Seconds of each file, (rounds,)."""
    import numpy as np

    interpreters = {key: _interpreter(content) for key, content in files.items()}
    seconds: dict[Any, list[float]] = {key: [] for key in files}
    for interpreter in interpreters.values():
        (source,) = interpreter.get_input_details()
        x = np.random.default_rng(0).integers(-128, 128, source["shape"], dtype=np.int8)
        interpreter.set_tensor(source["index"], x)
        for _ in range(5):
            interpreter.invoke()
    for _ in range(rounds):
        for key, interpreter in interpreters.items():
            start = time.perf_counter()
            interpreter.invoke()
            seconds[key].append(time.perf_counter() - start)
    return {key: np.array(taken) for key, taken in seconds.items()}


def _arena(content: bytes) -> int | None:
    """Bytes of memory in TensorFlow Lite Micro; None where that cannot be measured."""
    from dssd_tf.deployment.tflm import measure_arena, tflm_version
    from dssd_tf.errors import DssdError

    if tflm_version() is None:
        return None
    try:
        return measure_arena(content).size
    except DssdError as error:
        print(f"arena: {error}", file=sys.stderr)
        return None


def _median(values: "np.ndarray") -> float:
    import numpy as np

    return float(np.median(values))


if __name__ == "__main__":
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
