"""On which devices a network is trained."""

import functools
import os
import signal
import threading
from typing import Any, Literal

from dssd_tf.errors import RunError
from dssd_tf.training.distributed.cluster import Cluster, read_cluster
from dssd_tf.training.distributed.rendezvous import meet

Devices = Literal["auto", "cpu", "one_gpu", "mirrored", "multi_worker"]
"""``auto``: a GPU if there is one, else the CPU; ``mirrored``: all GPUs of this machine;
``multi_worker``: those of all machines that TF_CONFIG names."""


@functools.cache
def strategy_for(devices: Devices) -> Any:
    """The `tf.distribute` strategy of this process, or None on a single device.

    Made once a process. ``cpu``, ``one_gpu`` and ``multi_worker`` must be asked for before
    TensorFlow has computed anything. ``mirrored`` without GPUs takes the logical CPU devices, if
    there are several.

    Raises:
        RunError: The devices or the workers are not there, or TensorFlow has started.
    """
    import tensorflow as tf

    if devices == "auto":
        return None
    if devices in ("cpu", "one_gpu"):
        _show_gpus(tf, 0 if devices == "cpu" else 1)
        return None
    if devices == "mirrored":
        return tf.distribute.MirroredStrategy(_several_devices(tf))
    return _multi_worker_strategy(tf, read_cluster(os.environ))


def writes_run(devices: Devices) -> bool:
    """Whether this process writes the run's folder: all but the further workers do.

    Raises:
        RunError: TF_CONFIG is needed and cannot be used.
    """
    return devices != "multi_worker" or read_cluster(os.environ).is_chief


def _show_gpus(tf: Any, count: int) -> None:
    gpus = tf.config.list_physical_devices("GPU")
    if len(gpus) < count:
        raise RunError(
            "training.devices is one_gpu, but TensorFlow sees no GPU",
            fix="set training.devices to auto, or install TensorFlow's CUDA libraries",
        )
    if len(tf.config.get_visible_devices("GPU")) <= count:
        return
    try:
        tf.config.set_visible_devices(gpus[:count], "GPU")
    except RuntimeError as error:
        raise RunError(
            "GPUs cannot be hidden any more, TensorFlow has started",
            fix="start a new process, or set CUDA_VISIBLE_DEVICES",
        ) from error


def _several_devices(tf: Any) -> list[str]:
    for kind in ("GPU", "CPU"):
        found = [f"{kind}:{n}" for n in range(len(tf.config.list_logical_devices(kind)))]
        if len(found) > 1:
            return found
        if kind == "GPU" and found:
            break
    raise RunError(
        f"training.devices is mirrored, but TensorFlow sees only one {found[0].partition(':')[0]}",
        fix="set training.devices to auto to train on it",
    )


def _multi_worker_strategy(tf: Any, cluster: Cluster) -> Any:
    meet(cluster)
    before = signal.getsignal(signal.SIGTERM)
    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except RuntimeError as error:
        raise RunError(
            "workers must be set up before TensorFlow computes anything",
            fix="call strategy_for('multi_worker') first in a new process",
        ) from error
    if threading.current_thread() is threading.main_thread():
        # TensorFlow's coordination swallows SIGTERM, and the process could not be ended.
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
    return strategy
