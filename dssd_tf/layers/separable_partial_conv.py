"""Separable partial convolution (SPC)."""

from typing import Any

import keras
from keras import ops

from dssd_tf.layers.checks import require_grid, require_positive
from dssd_tf.layers.cross_depthwise_conv import CrossDepthwiseConv
from dssd_tf.layers.forms import fused, pointwise
from dssd_tf.layers.normalization import batch_normalization


@keras.saving.register_keras_serializable(package="dssd_tf")
class SeparablePartialConv(keras.layers.Layer):
    """Separable convolution on the first quarter of the channels, the others left as they are.

    With c = C // 4, x1 the first c channels and x2 the rest:
    ``u = [D_t(Q x1) + D_f(Q x1), x2]``, Q a 1x1 convolution c -> c; then a 1x1 convolution to
    C' only if C differs from C'; ``y = ReLU(BN(u))``. No bias.

    Input: (batch, time T, frequency F, channels C), C at least 4.
    Output: (batch, T, F, `filters` C').
    Parameters: c² + 6 c + 2 C', plus C C' if C differs from C'.
    Multiply-adds: T F (c² + 6 c), plus T F C C' if C differs from C'.

    Source: partial convolution, Chen et al., FasterNet (CVPR 2023), with ratio 1/4, as the SPC
    of Ye & Tian (arXiv 2405.03567, 2024). Tag: reconstructed; medium.

    Args:
        filters: Output channels C'.
        dilation_rate: Distance between the taps of D_t and D_f.

    Raises:
        ValueError: `filters` or `dilation_rate` is no whole number from 1 up.
    """

    def __init__(self, filters: int, *, dilation_rate: int = 2, **kwargs: Any):
        super().__init__(**kwargs)
        require_positive(self.name, filters=filters, dilation_rate=dilation_rate)
        self.filters, self.dilation_rate = filters, dilation_rate
        inner = {"dtype": self.dtype_policy}
        self.cross = CrossDepthwiseConv(dilation_rate, name="cross", **inner)
        self.norm = batch_normalization(**inner)
        self.project: keras.layers.Conv2D | None = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make and build the parts.

        Raises:
            ValueError: The rank is not 4, or there are fewer than 4 channels.
        """
        channels = require_grid(self.name, input_shape)[-1]
        assert channels is not None
        if channels < 4:
            raise ValueError(
                f"{self.name}: a quarter of the channels is convolved, which needs at least 4, "
                f"got {channels} in shape {tuple(input_shape)}; widen the input or use 'sc'."
            )
        inner = {"dtype": self.dtype_policy}
        self.convolved = channels // 4
        part = (*input_shape[:-1], self.convolved)
        self.pointwise = keras.layers.Conv2D(
            self.convolved, 1, use_bias=False, name="pointwise", **inner
        )
        self.pointwise.build(part)
        self.cross.build(part)
        if channels != self.filters:
            self.project = keras.layers.Conv2D(
                self.filters, 1, use_bias=False, name="project", **inner
            )
            self.project.build(input_shape)
        self.norm.build(self.compute_output_shape(input_shape))
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Apply the operator."""
        first = self.cross(pointwise(self.pointwise, inputs[..., : self.convolved]))
        mixed = ops.concatenate([first, inputs[..., self.convolved :]], axis=-1)
        if self.project is not None:
            mixed = pointwise(self.project, mixed)
        if fused(mixed):
            from dssd_tf.layers.fused.steps import normed

            return normed(self.norm, mixed, training)
        return ops.relu(self.norm(mixed, training=training))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape with `filters` channels."""
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "dilation_rate": self.dilation_rate,
        }
