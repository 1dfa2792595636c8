"""Multiply-adds of one call of a Keras layer, by the layer's type.

A new type needs one function and its entry in `RULES`. A subclass that computes nothing of its own
uses the rule of its nearest base class.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from dssd_tf.layers import GroupedPointwiseConv, StridedDepthwiseConv

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Call:
    """One call of a layer.

    Args:
        layer: The layer, built.
        output_shape: Shape of its first output with batch 1.
        parameters: Its parameters, counted anew for each call.
    """

    layer: Any
    output_shape: Shape
    parameters: int

    @property
    def rows(self) -> int:
        """Size of the batch axis: 1, or what the model has folded into it."""
        return self.output_shape[0] or 1 if self.output_shape else 1

    @property
    def outputs(self) -> int:
        """Elements of the first output."""
        return math.prod(size or 1 for size in self.output_shape)


@dataclass(frozen=True)
class Macs:
    """Multiply-adds that really happen, and those by the torchinfo rule."""

    true: int
    torchinfo: int


Rule = Callable[[Call], Macs]


def convolution(call: Call) -> Macs:
    """Kernel elements x output positions; torchinfo: (weights + bias) x output positions.

    Groups, dilation and stride need no care: the kernel holds only a group's input channels, and
    the positions are those of the output.
    """
    positions = call.outputs // call.layer.filters
    return Macs(_elements(call.layer.kernel) * positions, call.parameters * positions)


def depthwise_convolution(call: Call) -> Macs:
    """As `convolution`; the output has input channels x depth multiplier channels."""
    positions = call.outputs // math.prod(call.layer.kernel.shape[-2:])
    return Macs(_elements(call.layer.kernel) * positions, call.parameters * positions)


def separable_convolution(call: Call) -> Macs:
    """A depthwise and a 1x1 convolution on the same output positions, in one Keras layer."""
    positions = call.outputs // call.layer.filters
    kernels = _elements(call.layer.depthwise_kernel) + _elements(call.layer.pointwise_kernel)
    return Macs(kernels * positions, call.parameters * positions)


def dense(call: Call) -> Macs:
    """Kernel elements x rows; torchinfo: (weights + bias) x the batch, so once."""
    rows = call.outputs // call.layer.units
    return Macs(_elements(call.layer.kernel) * rows, call.parameters * call.rows)


def batch_normalization(call: Call) -> Macs:
    """At inference a scale and a shift: one for each element; torchinfo: 2C once."""
    return Macs(call.outputs, call.parameters * call.rows)


def no_macs(call: Call) -> Macs:
    """No multiply-add; torchinfo still counts the parameters, if there are any, once."""
    return Macs(0, call.parameters * call.rows)


RULES: dict[type, Rule] = {
    keras.layers.Conv1D: convolution,
    keras.layers.Conv2D: convolution,
    keras.layers.Conv3D: convolution,
    keras.layers.DepthwiseConv1D: depthwise_convolution,
    keras.layers.DepthwiseConv2D: depthwise_convolution,
    keras.layers.SeparableConv1D: separable_convolution,
    keras.layers.SeparableConv2D: separable_convolution,
    keras.layers.Dense: dense,
    keras.layers.BatchNormalization: batch_normalization,
    GroupedPointwiseConv: convolution,
    StridedDepthwiseConv: depthwise_convolution,
    keras.layers.PReLU: no_macs,
    keras.layers.Embedding: no_macs,
    **dict.fromkeys(
        (
            keras.layers.InputLayer,
            keras.layers.Identity,
            keras.layers.Activation,
            keras.layers.ReLU,
            keras.layers.LeakyReLU,
            keras.layers.ELU,
            keras.layers.Softmax,
            keras.layers.Dropout,
            keras.layers.SpatialDropout1D,
            keras.layers.SpatialDropout2D,
            keras.layers.GaussianNoise,
            keras.layers.GaussianDropout,
            keras.layers.Add,
            keras.layers.Subtract,
            keras.layers.Multiply,
            keras.layers.Average,
            keras.layers.Maximum,
            keras.layers.Minimum,
            keras.layers.Concatenate,
            keras.layers.Flatten,
            keras.layers.Reshape,
            keras.layers.Permute,
            keras.layers.RepeatVector,
            keras.layers.Cropping1D,
            keras.layers.Cropping2D,
            keras.layers.ZeroPadding1D,
            keras.layers.ZeroPadding2D,
            keras.layers.UpSampling1D,
            keras.layers.AveragePooling1D,
            keras.layers.AveragePooling2D,
            keras.layers.MaxPooling1D,
            keras.layers.MaxPooling2D,
            keras.layers.GlobalAveragePooling1D,
            keras.layers.GlobalAveragePooling2D,
            keras.layers.GlobalMaxPooling1D,
            keras.layers.GlobalMaxPooling2D,
        ),
        no_macs,
    ),
}
"""Rule of each type of layer."""


def rule_for(layer: Any) -> Rule | None:
    """The rule of the layer's type or of its nearest base class that has one.

    None for a subclass with a ``call`` of its own: what that computes is not known.
    """
    kind: Any = type(layer)
    base = next((base for base in kind.__mro__ if base in RULES), None)
    return RULES[base] if base is not None and kind.call is base.call else None


def _elements(weight: Any) -> int:
    return math.prod(weight.shape)
