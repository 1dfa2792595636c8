"""Multiply-adds and bytes of one model, from the files that are delivered."""

import copy
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dssd_tf.challenge.inference_package.runtime.errors import InferenceError

_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "int8": 1, "uint8": 1, "int32": 4}


@dataclass(frozen=True)
class Count:
    """The figures of one model.

    Attributes:
        macs: Multiply-adds by torchinfo's rule: each weight and bias of a convolution once for
            each output position, those of any other layer once.
        size_bytes: Bytes of the weights and biases at their types.
        way: How they were counted.
        uncounted: Operators whose multiply-adds are not in `macs`; then that is a lower bound.
    """

    macs: int
    size_bytes: int
    way: str
    uncounted: tuple[str, ...] = ()


def count_module(module: Any, shape: tuple[int, ...]) -> Count:
    """Count a torch module as the organisers do.

    Args:
        module: The model of one device.
        shape: Shape of its input, with the batch of 1.

    Raises:
        InferenceError: A parameter is of another type than the rules name.
    """
    import torchinfo

    size = 0
    for name, parameter in module.named_parameters():
        kind = str(parameter.dtype).removeprefix("torch.")
        size += parameter.numel() * _bytes_of(kind, name)
    summary = torchinfo.summary(copy.deepcopy(module).float(), input_size=shape, verbose=0)
    return Count(int(summary.total_mult_adds), size, "torchinfo on the torch twin")


def count_graph(path: Path, weights_path: Path) -> Count:
    """Count a twin's files by the same rules, without torch.

    Args:
        path: ``STEM.graph.json``.
        weights_path: ``STEM.weights.npz``.

    Raises:
        InferenceError: A file is missing or damaged, or a weight of another type.
    """
    try:
        graph = json.loads(path.read_text(encoding="utf-8"))
        with np.load(weights_path) as arrays:
            weights = {n: arrays[n] for n in arrays.files if n.startswith("weight_")}
        macs = sum(_macs(graph, operator, weights) for operator in graph["operators"])
    except (OSError, KeyError, ValueError) as error:
        raise InferenceError(
            f"is not a readable twin ({error})", path=path, fix="unpack the package again"
        ) from error
    size = sum(w.size * _bytes_of(str(w.dtype), name) for name, w in weights.items())
    return Count(macs, size, "torchinfo's rule on graph.json")


def _macs(graph: dict[str, Any], operator: dict[str, Any], weights: dict[str, Any]) -> int:
    if "weight" not in operator:
        return 0
    own = weights[f"weight_{operator['weight']}"].size
    if operator.get("bias") is not None:
        own += weights[f"weight_{operator['bias']}"].size
    shape = graph["tensors"][operator["output"]]["shape"]
    if "CONV" in operator["kind"]:
        return int(own * math.prod(shape[:-1]))
    return int(own * shape[0])


def _bytes_of(kind: str, name: str) -> int:
    if kind not in _BYTES:
        raise InferenceError(f"{name} is {kind}", fix=f"use one of {', '.join(_BYTES)}")
    return _BYTES[kind]
