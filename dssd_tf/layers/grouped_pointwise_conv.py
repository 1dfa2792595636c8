"""A 1x1 convolution with one group per output channel, computed without a convolution."""

from typing import Any

import keras
from keras import ops

from dssd_tf.layers.checks import require_grid


@keras.saving.register_keras_serializable(package="dssd_tf")
class GroupedPointwiseConv(keras.layers.Conv2D):
    """1x1 convolution with ``groups = filters``: each output channel reads its own C / C' inputs.

    ``y[..., j] = sum_i w[i, j] * x[..., j * C/C' + i]``, i < C/C'. It is `keras.layers.Conv2D`
    with ``kernel_size=1, groups=filters, use_bias=False`` to the number and in its weights
    (kernel (1, 1, C/C', C')), but runs as multiply-adds, since grouped convolutions are slow or
    missing on several back ends. With C = C' it is one factor a channel.

    Input: (batch, time, frequency, C), C a multiple of `filters`.
    Output: (batch, time, frequency, filters).
    Parameters: C. Multiply-adds: time x frequency x C.
    """

    def __init__(self, filters: int, **kwargs: Any):
        super().__init__(filters, 1, groups=filters, use_bias=False, padding="same", **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the kernel.

        Raises:
            ValueError: The rank is not 4, or C is not a multiple of `filters`.
        """
        channels = require_grid(self.name, input_shape)[-1]
        if channels is not None and channels % self.filters:
            raise ValueError(
                f"{self.name}: a grouped 1x1 convolution to {self.filters} channels needs an "
                f"input whose channels are a multiple of {self.filters}, got {channels} in shape "
                f"{tuple(input_shape)}; change the widths or use the full 1x1 (operator 'sc')."
            )
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        """Multiply and add within each group."""
        kernel = self.kernel[0, 0]
        members = kernel.shape[0]
        if members == 1:
            return self.activation(inputs * kernel[0])
        shape = ops.shape(inputs)
        grouped = ops.reshape(inputs, (*shape[:-1], self.filters, members))
        return self.activation(ops.sum(grouped * ops.transpose(kernel), axis=-1))

    def get_config(self) -> dict[str, Any]:
        """The configuration without what this layer fixes."""
        config = super().get_config()
        for fixed in ("kernel_size", "groups", "use_bias", "padding", "strides"):
            config.pop(fixed, None)
        return config
