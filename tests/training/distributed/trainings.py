"""Train through `trainer.train` on two logical devices, or as a worker.

Usage: trainings.py FOLDER OUT (mirrored | worker) [READS]
FOLDER takes the run, OUT the weights at the end. After READS reads of training clips the process
kills itself.
"""

import json
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from dssd_tf.augmentation import Mixup
from dssd_tf.errors import DssdError
from dssd_tf.models import create_model
from dssd_tf.training import OptimizerConfig, TrainingConfig
from dssd_tf.training.clip_table import ClipTable
from dssd_tf.training.devices import strategy_for
from dssd_tf.training.trainer import train

CLASSES, SHAPE = 3, (50, 20, 1)


class Store:
    """Features in memory; the process is killed at the given read."""

    shape = SHAPE
    domain = "features"

    def __init__(self, features: np.ndarray, last_read: int | None):
        self.features, self.last_read = features, last_read

    def positions(self, filenames: Iterable[str]) -> np.ndarray:
        return np.array([int(name) for name in filenames], dtype=np.int64)

    def read(self, positions: np.ndarray) -> tuple[np.ndarray]:
        if self.last_read is not None:
            self.last_read -= 1
            if self.last_read < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return (self.features[positions],)


def table(count: int, seed: int, last_read: int | None = None) -> ClipTable:
    random = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    features = random.standard_normal((count, *SHAPE)).astype(np.float32)
    for index, label in enumerate(labels):
        features[index, :, 4 * label : 4 * label + 3] += 2
    return ClipTable(Store(features, last_read), list(map(str, range(count))), labels, CLASSES)


def main(folder: Path, out: Path, way: str, last_read: int | None) -> None:
    devices = "mirrored" if way == "mirrored" else "multi_worker"
    # First of all, before TensorFlow computes.
    strategy_for(devices)
    config = TrainingConfig(
        devices=devices,
        epochs=3,
        batch_size=8,
        ema=0.8,
        optimizer=OptimizerConfig(learning_rate=0.01, clip_norm=1.0),
    )
    model = train(
        lambda: create_model("baseline_2022", input_shape=SHAPE, classes=CLASSES),
        table(27, 1, last_read),
        table(9, 2),
        config,
        augmentation=[Mixup(alpha=0.4)],
        seed=7,
        folder=folder / "training",
        history_path=folder / "history.csv",
    )
    np.savez(out, *model.get_weights())


if __name__ == "__main__":
    if sys.argv[3] == "mirrored":
        cpu = tf.config.list_physical_devices("CPU")[0]
        half = tf.config.LogicalDeviceConfiguration()
        tf.config.set_logical_device_configuration(cpu, [half, half])
    try:
        main(
            Path(sys.argv[1]),
            Path(sys.argv[2]),
            sys.argv[3],
            int(sys.argv[4]) if len(sys.argv) > 4 else None,
        )
    except DssdError as error:
        print(json.dumps(str(error)))
        sys.exit(error.exit_code)
