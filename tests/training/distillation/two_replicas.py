"""Train the same distiller on one device and on two; print how far the weights lie apart."""

import json
import os

os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tensorflow as tf

from dssd_tf.training.distillation.coarse_loss import CoarseLoss
from dssd_tf.training.distillation.distiller import Distiller
from dssd_tf.training.distillation.feature_distillation import FeatureDistillation

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
random = np.random.default_rng(0)
x = random.standard_normal((16, 6)).astype("float32")
y = np.eye(4, dtype="float32")[random.integers(4, size=16)]
weight = random.uniform(0.5, 2, 16).astype("float32")


def network(seed: int, width: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((6,))
    hidden = keras.layers.Dense(
        width, activation="tanh", kernel_regularizer=keras.regularizers.L2(0.01), name="hidden"
    )(inputs)
    return keras.Model(inputs, keras.layers.Dense(6)(hidden))


def train(strategy: tf.distribute.Strategy, combine: str) -> tuple[list[np.ndarray], float]:
    with strategy.scope():
        distiller = Distiller(
            network(1, 5),
            [network(2, 7)],
            feature_distillation=[FeatureDistillation("hidden", "hidden")],
            coarse=CoarseLoss(((1, 0), (1, 0), (0, 1), (0, 1))),
            combine=combine,
        )
        distiller.compile(keras.optimizers.SGD(0.1), metrics=["accuracy"])
    inputs = {"x": x, "teacher": 3 * y[:, ::-1]}
    data = tf.data.Dataset.from_tensor_slices((inputs, y, weight)).batch(8)
    history = distiller.fit(data, epochs=2, verbose=0).history
    return distiller.student.get_weights(), history["loss"][-1]


def apart(one: list[np.ndarray], other: list[np.ndarray]) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))


mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
found = {"replicas": mirrored.num_replicas_in_sync, "loss": 0.0}
for way in ("sum", "pcgrad"):
    (one, one_loss), (two, two_loss) = (
        train(tf.distribute.get_strategy(), way),
        train(mirrored, way),
    )
    found[way] = apart(one, two)
    found["moved"] = apart(one, network(1, 5).get_weights())
    found["loss"] = max(found["loss"], abs(one_loss - two_loss))
print(json.dumps(found))
