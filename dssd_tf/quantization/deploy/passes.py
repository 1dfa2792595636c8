"""Passes over the graph: each replaces some steps by fewer or cheaper ones, exactly.

A pass is a function of a step and the readers of every step; it gives what is to stand in the
step's place, or None. `simplify` applies them until none finds anything more.
"""

import math
from typing import Any

import keras
import numpy as np

from dssd_tf.layers import StridedDepthwiseConv
from dssd_tf.quantization.deploy.graph import Array, Step, rewrite
from dssd_tf.quantization.deploy.primitives import pool_by_convolution

layers = keras.layers

Readers = dict[int, list[Step]]


def simplify(output: Step) -> Step:
    """The graph after all passes, and again once the pools are convolutions."""
    return rewrite(rewrite(rewrite(output, _any_pass), pool_into_convolution), _any_pass)


def _any_pass(step: Step, known: Readers) -> Step | None:
    return next(filter(None, (apply(step, known) for apply in PASSES)), None)


def pool_into_convolution(step: Step, known: Readers) -> Step | None:
    """An average pool becomes a depthwise convolution, where that is possible."""
    plain = step.kind is layers.AveragePooling2D and step.config.get("padding") != "same"
    return pool_by_convolution(step) if plain else None


def mean_without_pool(step: Step, known: Readers) -> Step | None:
    """The mean over the grid of an average pool that leaves nothing out needs no pool."""
    if step.kind is not layers.GlobalAveragePooling2D:
        return None
    (pool,) = step.inputs
    if pool.kind is not layers.AveragePooling2D or pool.config.get("padding") == "same":
        return None
    size, strides = tuple(pool.config["pool_size"]), tuple(pool.config["strides"])
    grid = pool.inputs[0].shape[1:3]
    whole = all(n is not None and n % k == 0 for n, k in zip(grid, size, strict=True))
    if size != strides or not whole or len(known[id(pool)]) > 1:
        return None
    return Step(step.kind, step.config, pool.inputs, name=step.name)


def scale_into_producer(step: Step, known: Readers) -> Step | None:
    """A scale and shift a channel become those of the convolution or dense layer before."""
    if not _is_affine(step):
        return None
    (source,) = step.inputs
    if not _is_linear(source) or len(known[id(source)]) > 1:
        return None
    scale, shift = step.weights[0].reshape(-1), step.weights[1]
    kernel, bias = source.weights
    if source.kind in _DEPTHWISE:
        kernel = kernel * scale.reshape(kernel.shape[2:])
    else:
        kernel = kernel * scale
    return _changed(source, (kernel, bias * scale + shift), step.config["activation"])


def activation_into_producer(step: Step, known: Readers) -> Step | None:
    """A ReLU becomes the activation of the convolution or dense layer before."""
    plain = step.kind is layers.ReLU and (
        step.config.get("max_value") is None
        and not step.config.get("negative_slope")
        and not step.config.get("threshold")
    )
    named = step.kind is layers.Activation and step.config["activation"] == "relu"
    if not (plain or named):
        return None
    (source,) = step.inputs
    if not _is_linear(source) or len(known[id(source)]) > 1:
        return None
    return _changed(source, source.weights, "relu")


def linear_into_consumer(step: Step, known: Readers) -> Step | None:
    """A 1x1 convolution without activation merges into an unpadded convolution behind it.

    Only where that costs no more multiply-adds: the 1x1 does not narrow, or has one reader.
    Across a padded convolution it would not be exact, since its bias ends at the border.
    """
    if step.kind is not layers.Conv2D or step.config["groups"] > 1:
        return None
    (source,) = step.inputs
    if not _is_pointwise(source) or not (_is_linear(source) and _is_unpadded(step)):
        return None
    first, first_bias = source.weights
    kernel, bias = step.weights
    taps = math.prod(kernel.shape[:2])
    before, between, after = first.shape[2], first.shape[3], kernel.shape[3]
    merged, apart = taps * before * after, taps * between * after
    if len(known[id(source)]) == 1:
        # The merged kernel runs at the positions that the consumer gives.
        here = _positions(step)
        apart = apart + before * between * (_positions(source) / here if here else 1)
    if merged > apart:
        return None
    weights = (
        np.einsum("abkm,hwmn->hwkn", first, kernel),
        bias + np.einsum("m,hwmn->n", first_bias, kernel),
    )
    return _changed(step, weights, step.config["activation"], source.inputs)


def crop_before_pointwise(step: Step, known: Readers) -> Step | None:
    """Half a grid or more is cut before a convolution that widens, not behind it."""
    if step.kind is not layers.Cropping2D or step.config.get("data_format") == "channels_first":
        return None
    (source,) = step.inputs
    if not _is_pointwise(source) or source.weights[0].shape[2] > source.channels:
        return None
    if 2 * _positions(step) > _positions(source):
        return None
    if not all(reader.kind is layers.Cropping2D or reader is step for reader in known[id(source)]):
        return None
    cut = Step(step.kind, step.config, source.inputs, name=step.name)
    return _changed(source, source.weights, source.config["activation"], (cut,))


def padding_into_convolution(step: Step, known: Readers) -> Step | None:
    """Zeros around a convolution with stride 1 that keep its size are its own padding."""
    if step.kind not in (layers.Conv2D, *_DEPTHWISE) or not _is_unpadded(step):
        return None
    (source,) = step.inputs
    if source.kind is not layers.ZeroPadding2D or set(step.config["strides"]) != {1}:
        return None
    reach = [
        (size - 1) * rate
        for size, rate in zip(step.config["kernel_size"], step.config["dilation_rate"], strict=True)
    ]
    if any(value % 2 for value in reach):
        return None
    if _pairs(source.config["padding"]) != tuple((value // 2, value // 2) for value in reach):
        return None
    config = {**step.config, "padding": "same"}
    return Step(step.kind, config, source.inputs, step.weights, step.name)


def balance_before_depthwise(step: Step, known: Readers) -> Step | None:
    """A 1x1 convolution whose rows all reach 1; the depthwise one behind it takes the factors.

    What lies between has no normalization that would make its channels alike, yet is quantized
    with one scale; and rows that share a scale need one scale in the file.
    """
    if step.kind is not layers.DepthwiseConv2D:
        return None
    (source,) = step.inputs
    if not (_is_pointwise(source) and _is_linear(source)) or len(known[id(source)]) > 1:
        return None
    reach = np.abs(source.weights[0]).max(axis=(0, 1, 2))
    reach = np.where(reach > 0, reach, 1).astype("float32")
    if np.all(reach == 1):
        return None
    kernel, bias = source.weights[0] / reach, source.weights[1] / reach
    # Rounding may leave a largest weight a hair from 1, which would be another scale.
    kernel = np.where(np.abs(source.weights[0]) == reach, np.sign(kernel), kernel)
    balanced = _changed(source, (kernel, bias), None)
    weights = (step.weights[0] * reach[:, None], step.weights[1])
    return _changed(step, weights, step.config["activation"], (balanced,))


PASSES = (
    scale_into_producer,
    activation_into_producer,
    linear_into_consumer,
    crop_before_pointwise,
    padding_into_convolution,
    balance_before_depthwise,
    mean_without_pool,
)

_DEPTHWISE = (layers.DepthwiseConv2D, StridedDepthwiseConv)


def _is_affine(step: Step) -> bool:
    return (
        step.kind is layers.DepthwiseConv2D
        and step.weights[0].shape[:2] == (1, 1)
        and step.weights[0].shape[3] == 1
        and step.config["strides"] == (1, 1)
    )


def _is_linear(step: Step) -> bool:
    kinds = (layers.Conv2D, layers.Dense, *_DEPTHWISE)
    return step.kind in kinds and step.config["activation"] is None


def _is_pointwise(step: Step) -> bool:
    return (
        step.kind is layers.Conv2D
        and step.weights[0].shape[:2] == (1, 1)
        and step.config["strides"] == (1, 1)
        and step.config["groups"] == 1
    )


def _is_unpadded(step: Step) -> bool:
    return step.config["padding"] == "valid" or set(step.config["kernel_size"]) == {1}


def _positions(step: Step) -> int:
    """Time by frequency of what a step gives; 0 where an axis is open."""
    return math.prod(size or 0 for size in step.shape[1:3])


def _pairs(padding: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    (top, bottom), (left, right) = padding
    return (top, bottom), (left, right)


def _changed(
    step: Step,
    weights: tuple[Array, ...],
    activation: Any,
    inputs: tuple[Step, ...] | None = None,
) -> Step:
    """The step with other weights, activation and inputs; its sizes follow from the kernel."""
    config = {**step.config, "activation": activation}
    return Step(step.kind, config, inputs or step.inputs, weights, step.name)
