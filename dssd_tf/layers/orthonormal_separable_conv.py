"""Orthonormal separable convolution (OSC)."""

import math
from typing import Any

import keras
from keras import ops

from dssd_tf.layers.checks import require_grid, require_positive
from dssd_tf.layers.cross_depthwise_conv import CrossDepthwiseConv
from dssd_tf.layers.forms import fused, pointwise
from dssd_tf.layers.normalization import batch_normalization
from dssd_tf.layers.orthonormal_regularizer import OrthonormalRegularizer


@keras.saving.register_keras_serializable(package="dssd_tf")
class OrthonormalSeparableConv(keras.layers.Layer):
    """Separable convolution whose pointwise part runs through an orthonormal bottleneck.

    ``y = ReLU(BN(D_t(P x) + D_f(P x)))`` with ``P = P2 P1``: P1 maps C channels to
    M = min(C, max(4, ceil(C / 4))), P2 maps M to C'; no bias. In training, the penalty
    ``penalty * ||P1 P1ᵀ - I_M||_F`` is added to the model's losses (`add_loss`).

    Input: (batch, time T, frequency F, channels C).
    Output: (batch, T, F, `filters` C').
    Parameters: M (C + C') + 6 C' + 2 C'. Multiply-adds: T F (M (C + C') + 6 C').

    Source: BSConv-S, Haase & Amthor (CVPR 2020), as the OSC of Ye & Tian (arXiv 2405.03567,
    2024). Tag: reconstructed; strong on identity, details open.

    Args:
        filters: Output channels C'.
        penalty: Weight of the penalty; 0 switches it off.
        dilation_rate: Distance between the taps of D_t and D_f.

    Raises:
        ValueError: `penalty` is negative or not finite, or another argument is no whole number
            from 1 up.
    """

    def __init__(
        self, filters: int, *, penalty: float = 0.1, dilation_rate: int = 2, **kwargs: Any
    ):
        super().__init__(**kwargs)
        require_positive(self.name, filters=filters, dilation_rate=dilation_rate)
        self.filters, self.penalty, self.dilation_rate = filters, penalty, dilation_rate
        self.regularizer = OrthonormalRegularizer(penalty)
        inner = {"dtype": self.dtype_policy}
        self.expand = keras.layers.Conv2D(filters, 1, use_bias=False, name="expand", **inner)
        self.cross = CrossDepthwiseConv(dilation_rate, name="cross", **inner)
        self.norm = batch_normalization(**inner)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the bottleneck and build the parts.

        Raises:
            ValueError: The rank is not 4.
        """
        channels = require_grid(self.name, input_shape)[-1]
        assert channels is not None
        self.reduce = keras.layers.Conv2D(
            bottleneck_width(channels), 1, use_bias=False, name="reduce", dtype=self.dtype_policy
        )
        self.reduce.build(input_shape)
        self.expand.build(self.reduce.compute_output_shape(input_shape))
        output_shape = self.compute_output_shape(input_shape)
        self.cross.build(output_shape)
        self.norm.build(output_shape)
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Apply the operator."""
        if self.penalty and training:
            self.add_loss(self.regularizer(self.reduce.kernel))
        mixed = pointwise(self.expand, pointwise(self.reduce, inputs))
        if fused(mixed):
            from dssd_tf.layers.fused.steps import applied, crossed

            return applied(crossed(self.cross, self.norm, mixed, training))
        return ops.relu(self.norm(self.cross(mixed), training=training))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape with `filters` channels."""
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "penalty": self.penalty,
            "dilation_rate": self.dilation_rate,
        }


def bottleneck_width(channels: int) -> int:
    """M of an operator with `channels` input channels: a quarter, at least 4, at most all."""
    return min(channels, max(4, math.ceil(channels / 4)))
