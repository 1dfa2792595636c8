"""Separable convolution (SC), and its grouped form (SC-g)."""

from typing import Any

import keras
from keras import ops

from dssd_tf.layers.checks import require_grid, require_positive
from dssd_tf.layers.cross_depthwise_conv import CrossDepthwiseConv
from dssd_tf.layers.forms import fused, pointwise
from dssd_tf.layers.grouped_pointwise_conv import GroupedPointwiseConv
from dssd_tf.layers.normalization import batch_normalization


@keras.saving.register_keras_serializable(package="dssd_tf")
class SeparableConv(keras.layers.Layer):
    """Pointwise convolution, then time and frequency depthwise convolutions in parallel, summed.

    ``y = ReLU(BN(D_t(P x) + D_f(P x)))``: P a 1x1 convolution; D_t depthwise (3, 1) over time
    and D_f depthwise (1, 3) over frequency, both dilated along their taps and zero-padded to
    the same size. No bias.

    Input: (batch, time T, frequency F, channels C).
    Output: (batch, T, F, `filters` C').
    Parameters: C C' + 6 C' + 2 C' (BN gamma and beta); grouped: C + 6 C' + 2 C'.
    Multiply-adds of the convolutions: T F (C C' + 6 C'); grouped: T F (C + 6 C').

    Source: Puy et al., SP4ASC (DCASE 2021). As the SC of Ye & Tian (arXiv 2405.03567, 2024) it
    is a reconstruction (only the abstract is at hand). With `grouped`, it is what the
    precursor's DSMN networks run (Wang, Wu & Li, DCASE 2023 technical report 61). Tags:
    reconstructed; exact for `grouped`.

    Args:
        filters: Output channels C'.
        grouped: P has one group per output channel; C must be a multiple of C'.
        dilation_rate: Distance between the taps.

    Raises:
        ValueError: `filters` or `dilation_rate` is no whole number from 1 up.
    """

    def __init__(
        self, filters: int, *, grouped: bool = False, dilation_rate: int = 2, **kwargs: Any
    ):
        super().__init__(**kwargs)
        require_positive(self.name, filters=filters, dilation_rate=dilation_rate)
        self.filters, self.grouped, self.dilation_rate = filters, grouped, dilation_rate
        inner = {"dtype": self.dtype_policy}
        self.pointwise = (
            GroupedPointwiseConv(filters, name="pointwise", **inner)
            if grouped
            else keras.layers.Conv2D(filters, 1, use_bias=False, name="pointwise", **inner)
        )
        self.cross = CrossDepthwiseConv(dilation_rate, name="cross", **inner)
        self.norm = batch_normalization(**inner)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the parts.

        Raises:
            ValueError: The rank is not 4, or the grouped form does not divide the channels.
        """
        require_grid(self.name, input_shape)
        self.pointwise.build(input_shape)
        inner_shape = self.compute_output_shape(input_shape)
        self.cross.build(inner_shape)
        self.norm.build(inner_shape)
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Apply the operator."""
        if fused(inputs):
            from dssd_tf.layers.fused.steps import applied

            return applied(self.pending(inputs, training))
        mixed = self.pointwise(inputs) if self.grouped else pointwise(self.pointwise, inputs)
        mixed = self.cross(mixed)
        return ops.relu(self.norm(mixed, training=training))

    def pending(self, inputs: Any, training: bool | None = None) -> Any:
        """The operator up to its normalization, in the fused form.

        Args:
            inputs: (batch, time, frequency, channels); with `grouped` also what this returns.
            training: As in `call`.

        Returns:
            A `Pending` of `dssd_tf.layers.fused.steps`.
        """
        from dssd_tf.layers.fused.steps import crossed

        if self.grouped:
            return crossed(self.cross, self.norm, inputs, training, self.pointwise.kernel)
        return crossed(self.cross, self.norm, pointwise(self.pointwise, inputs), training)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape with `filters` channels."""
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "grouped": self.grouped,
            "dilation_rate": self.dilation_rate,
        }
