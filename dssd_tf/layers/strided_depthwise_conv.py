"""Depthwise convolution whose strides may differ between time and frequency."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="dssd_tf")
class StridedDepthwiseConv(keras.layers.DepthwiseConv2D):
    """`keras.layers.DepthwiseConv2D`, also with unequal strides, which TensorFlow refuses.

    With unequal strides every position is computed and the wanted ones are kept: the same
    numbers, at the cost of the smaller stride. Weights and configuration are Keras's own.

    Input: (batch, time, frequency, channels).
    Output: (batch, (T - k_t) // s_t + 1, (F - k_f) // s_f + 1, channels).

    Raises:
        ValueError: Unequal strides with another padding than "valid", or with dilation.
    """

    def __init__(self, kernel_size: int | tuple[int, int], **kwargs: Any):
        super().__init__(kernel_size, **kwargs)
        if self._unequal and (self.padding != "valid" or tuple(self.dilation_rate) != (1, 1)):
            raise ValueError(
                f"{self.name}: unequal strides {tuple(self.strides)} need padding 'valid' and no "
                f"dilation, got {self.padding!r} and {tuple(self.dilation_rate)}; pad before."
            )

    def call(self, inputs: Any) -> Any:
        """Convolve."""
        if not self._unequal:
            return super().call(inputs)
        time, frequency = self.strides
        every = ops.depthwise_conv(
            inputs, self.kernel, strides=1, padding="valid", data_format="channels_last"
        )
        outputs = every[:, ::time, ::frequency]
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)

    @property
    def _unequal(self) -> bool:
        return self.strides[0] != self.strides[1]
