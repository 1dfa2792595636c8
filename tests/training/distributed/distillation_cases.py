"""Train small distillers, on one device, on two logical ones or as a worker; write what came out.

Usage: distillation_cases.py OUT (one | mirrored | worker)...
With TF_CONFIG set, `worker` is one of several processes; the worker's index is added to its file.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from dssd_tf.training.devices import strategy_for
from dssd_tf.training.distillation.coarse_loss import CoarseLoss
from dssd_tf.training.distillation.distiller import Distiller
from dssd_tf.training.distillation.feature_distillation import FeatureDistillation
from dssd_tf.training.distributed.replica_loop import ReplicaLoop

BATCH = 8
random = np.random.default_rng(0)
X = random.standard_normal((20, 6)).astype("float32")
Y = np.eye(4, dtype="float32")[random.integers(4, size=20)]
WEIGHT = random.uniform(0.5, 2, 20).astype("float32")


def network(seed: int, width: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((6,))
    penalty = keras.regularizers.L2(0.01)
    hidden = keras.layers.Dense(width, "tanh", kernel_regularizer=penalty, name="hidden")(inputs)
    return keras.Model(inputs, keras.layers.Dense(6)(hidden))


def distiller(combine: str) -> keras.Model:
    return Distiller(
        network(1, 5),
        [network(2, 7)],
        feature_distillation=[FeatureDistillation("hidden", "hidden")],
        coarse=CoarseLoss(((1, 0), (1, 0), (0, 1), (0, 1))),
        combine=combine,
    )


def plain() -> keras.Model:
    return keras.Sequential([network(1, 5), keras.layers.Dense(4)])


def optimizer(**options: Any) -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(0.1, momentum=0.9, **options)


# Clips, model, optimizer. 19 clips leave shares of 2 and 1, 17 clips a single one.
CASES = {
    "sum": (19, lambda: distiller("sum"), optimizer),
    "single": (17, lambda: distiller("sum"), optimizer),
    "pcgrad": (19, lambda: distiller("pcgrad"), optimizer),
    "clipped": (19, lambda: distiller("sum"), lambda: optimizer(global_clipnorm=0.05)),
    "plain": (19, plain, lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1)),
}


def compiled(name: str) -> keras.Model:
    model, make_optimizer = CASES[name][1](), CASES[name][2]()
    loss = keras.losses.CategoricalCrossentropy(from_logits=True) if name == "plain" else None
    model.compile(make_optimizer, loss, metrics=[keras.metrics.CategoricalAccuracy("accuracy")])
    return model


def elements(name: str, part: Any = slice) -> tuple[Any, list[int]]:
    """The case's batches, or the `part` of each, and how many clips each has."""
    clips = CASES[name][0]
    sizes = [min(BATCH, clips - start) for start in range(0, clips, BATCH)]

    def generate() -> Any:
        for number, size in enumerate(sizes):
            rows = np.arange(number * BATCH, number * BATCH + size)[part(size)]
            x = X[rows] if name == "plain" else {"x": X[rows], "teacher": 3 * Y[rows, ::-1]}
            yield x, Y[rows], WEIGHT[rows]

    vector = tf.TensorSpec((None, 6))
    x = vector if name == "plain" else {"x": vector, "teacher": tf.TensorSpec((None, 4))}
    signature = (x, tf.TensorSpec((None, 4)), tf.TensorSpec((None,)))
    batches = tf.data.Dataset.from_generator(generate, output_signature=signature)
    # Of unknown length, Keras would begin a step too many, and decay the weights once more.
    return batches.apply(tf.data.experimental.assert_cardinality(len(sizes))), sizes


def on_one_device(name: str) -> tuple[keras.Model, dict[str, float], dict[str, float]]:
    model = compiled(name)
    batches, _ = elements(name)
    history = model.fit(batches, shuffle=False, verbose=0).history
    evaluated = model.evaluate(batches, verbose=0, return_dict=True)
    return model, {key: values[-1] for key, values in history.items()}, evaluated


def on_replicas(name: str, strategy: Any) -> tuple[keras.Model, dict[str, float], dict[str, float]]:
    with strategy.scope():
        model = compiled(name)
    loop = ReplicaLoop(model, strategy)
    assert loop.replicas == 2
    batches, sizes = elements(name, loop.part)
    return model, loop.fit(batches, sizes), loop.evaluate(batches, sizes)


def main(out: Path, way: str) -> None:
    strategy = {"one": "auto", "mirrored": "mirrored", "worker": "multi_worker"}[way]
    strategy = strategy_for(strategy)
    if way == "worker":
        way += str(json.loads(os.environ["TF_CONFIG"])["task"]["index"])
    found, arrays = {}, {}
    for name in CASES:
        case = on_one_device(name) if strategy is None else on_replicas(name, strategy)
        model, trained, evaluated = case
        found[name] = {"trained": trained, "evaluated": evaluated}
        for number, array in enumerate(model.get_weights()):
            arrays[f"{name}.{number}"] = array
    np.savez(out / f"{way}.npz", **arrays)
    (out / f"{way}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    if "mirrored" in sys.argv:
        cpu = tf.config.list_physical_devices("CPU")[0]
        half = tf.config.LogicalDeviceConfiguration()
        tf.config.set_logical_device_configuration(cpu, [half, half])
    for argument in sys.argv[2:]:
        main(Path(sys.argv[1]), argument)
