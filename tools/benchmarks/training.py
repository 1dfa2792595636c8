"""Time training steps: our forms against plain Keras, Keras under XLA, and PyTorch.

A step is forward, backward and update of one batch of random features in float32. The Keras
methods take turns, so that a busy machine slows all alike; a ratio is the median over the rounds
of the ratio within a round. PyTorch runs in a process of its own, once before and once after them.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from table import machine_line, positive, write_csv

if TYPE_CHECKING:
    import numpy as np

_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
_METHODS = {
    "dssd_tf: fused": ("fused", False),
    "dssd_tf: shifted, XLA": ("shifted", True),
    "Keras, plain": ("convolution", False),
    "Keras, XLA": ("convolution", True),
}
_TORCH = "PyTorch, default layout"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table, and write it to the file of `--csv`."""
    options = _parser().parse_args(arguments)
    if options.keep_memory:
        from dssd_tf.native_memory import keep_freed_memory

        keep_freed_memory()
    # Before TensorFlow is imported, which reads them once.
    os.environ.update(dict.fromkeys(_THREADS, str(options.threads)))
    import numpy as np
    import tensorflow as tf

    from dssd_tf.errors import DssdError
    from dssd_tf.models.registry import create_model

    try:
        model = create_model(options.model)
    except DssdError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    torch_seconds = _torch(options)
    names = [name for name in _METHODS if name not in (options.leave_out or ())]
    first, seconds = _keras(options, names, model.input_shape[1:], model.output_shape[-1])
    torch_seconds += _torch(options)
    ours = seconds[names[0]]
    rows = [
        _row(options, name, taken, float(np.median(taken / ours)), first[name])
        for name, taken in seconds.items()
    ]
    if torch_seconds:
        taken = np.array(torch_seconds)
        ratio = float(np.median(taken) / np.median(ours))
        rows.append(_row(options, _TORCH, taken, ratio, float("nan")))
    kept = "kept" if options.keep_memory else "handed back"
    print(machine_line(f"{options.threads} thread(s)"))
    print(
        f"{options.model}, batch {options.batch_size}, {options.rounds} rounds, freed memory {kept}"
    )
    for row in rows:
        print(
            "{method:26s} {images_per_second:8.1f} images/s  time {time_ratio:6.2f} x  "
            "first step {first_step_seconds:6.1f} s".format(**row)
        )
    if options.csv:
        write_csv(options.csv, rows)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="dsmn_s", help="network (default: dsmn_s)")
    parser.add_argument("--batch-size", type=positive, default=32, help="clips (default: 32)")
    parser.add_argument("--rounds", type=positive, default=10, help="steps each (default: 10)")
    parser.add_argument("--threads", type=positive, default=1, help="threads (default: 1)")
    parser.add_argument(
        "--leave-out", action="append", choices=list(_METHODS)[1:], help="method not to run"
    )
    parser.add_argument(
        "--keep-memory", action="store_true", help="keep freed memory, as the command line does"
    )
    parser.add_argument(
        "--torch-python",
        metavar="PATH",
        help="a Python that has torch, for DSMN-S (default: this one, if it has)",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write the table here")
    return parser


def _keras(
    options: argparse.Namespace, names: list[str], shape: tuple[int, ...], classes: int
) -> tuple[dict[str, float], dict[str, "np.ndarray"]]:
    """Seconds of the first step and of the others, (rounds,), of each method."""
    import numpy as np

    x, y = _batch(options.batch_size, shape, classes)
    steps, first = {}, {}
    for name in names:
        steps[name] = _step(options.model, *_METHODS[name], options.batch_size, x, y)
        start = time.perf_counter()
        steps[name]()
        first[name] = time.perf_counter() - start
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(options.rounds):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - start)
    return first, {name: np.array(taken) for name, taken in seconds.items()}


def _step(
    name: str, form: str, jit: bool, batch_size: int, x: "np.ndarray", y: "np.ndarray"
) -> Callable[[], Any]:
    import keras
    import tensorflow as tf

    from dssd_tf.models.registry import create_model
    from dssd_tf.training.computation import Computation
    from dssd_tf.training.step_functions import StepFunction

    model = create_model(name)
    model.compile(
        keras.optimizers.AdamW(1e-3),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model._symbolic_build(data_batch=(x, y))
    step = StepFunction(model.train_step, Computation(form, jit), batch_size)
    batch = (tf.constant(x), tf.constant(y))
    return lambda: float(step(iter([batch]))["loss"])


def _batch(size: int, shape: tuple[int, ...], classes: int) -> tuple["np.ndarray", "np.ndarray"]:
    import numpy as np

    x = np.random.default_rng(0).normal(size=(size, *shape)).astype("float32")
    return x, np.eye(classes, dtype="float32")[np.arange(size) % classes]


def _torch(options: argparse.Namespace) -> list[float]:
    """Seconds of PyTorch's steps; none without torch or for a network it is not written for."""
    if options.model != "dsmn_s":
        return []
    script = Path(__file__).with_name("torch_dsmn.py")
    python = options.torch_python or sys.executable
    sizes = [str(n) for n in (options.batch_size, options.rounds, options.threads)]
    done = subprocess.run([python, str(script), *sizes], capture_output=True, text=True)
    if done.returncode:
        if options.torch_python:
            reason = (done.stderr.strip() or "no message").splitlines()[-1]
            print(f"warning: {python}: torch was not measured ({reason})", file=sys.stderr)
        return []
    return list(json.loads(done.stdout))


def _row(
    options: argparse.Namespace, name: str, taken: "np.ndarray", ratio: float, first: float
) -> dict[str, Any]:
    import numpy as np

    median = float(np.median(taken))
    return {
        "method": name,
        "model": options.model,
        "milliseconds": round(median * 1e3, 1),
        "images_per_second": round(options.batch_size / median, 1),
        "time_ratio": round(ratio, 2),
        "first_step_seconds": round(first, 1),
    }


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.exit(main())
