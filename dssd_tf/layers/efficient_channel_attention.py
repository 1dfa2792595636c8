"""Efficient channel attention (ECA)."""

from typing import Any

import keras
from keras import ops

from dssd_tf.layers.checks import require_grid
from dssd_tf.layers.forms import current_form


@keras.saving.register_keras_serializable(package="dssd_tf")
class EfficientChannelAttention(keras.layers.Layer):
    """Scales each channel by a gate computed from its neighbours' means.

    ``y = x * sigmoid(Conv1D(mean_{t,f} x))``: the convolution has one filter and no bias, and
    runs over the channel axis with zero padding.

    Input and output: (batch, time, frequency, channels).
    Parameters: `kernel_size`. Multiply-adds by the torchinfo rule: kernel_size x channels.

    Source: Wang et al., ECA-Net (CVPR 2020); in the block as in DSMN (Wang, Wu & Li, DCASE 2023
    technical report 61). Tag: exact.

    Args:
        kernel_size: Channels that a gate sees; odd.

    Raises:
        ValueError: `kernel_size` is not odd and positive.
    """

    def __init__(self, kernel_size: int = 3, **kwargs: Any):
        super().__init__(**kwargs)
        if kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(
                f"{self.name}: kernel_size must be odd and positive, got {kernel_size}."
            )
        self.kernel_size = kernel_size
        self.conv = keras.layers.Conv1D(
            1, kernel_size, padding="same", use_bias=False, name="conv", dtype=self.dtype_policy
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the convolution over channels.

        Raises:
            ValueError: The rank is not 4.
        """
        channels = require_grid(self.name, input_shape)[-1]
        self.conv.build((input_shape[0], channels, 1))
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Scale `inputs` channel by channel."""
        means = ops.mean(inputs, axis=(1, 2))
        if current_form() != "convolution":
            logits = self._shifted(means)
        else:
            logits = self.conv(ops.expand_dims(means, -1))
        gates = ops.sigmoid(logits)
        channels = inputs.shape[-1]
        return inputs * ops.reshape(gates, (-1, 1, 1, channels))

    def _shifted(self, means: Any) -> Any:
        """The convolution over channels as a sum of shifted and scaled copies."""
        reach, channels = self.kernel_size // 2, means.shape[-1]
        kernel = ops.reshape(self.conv.kernel, (self.kernel_size,))
        padded = ops.pad(means, [(0, 0), (reach, reach)])
        terms = [kernel[tap] * padded[:, tap : tap + channels] for tap in range(self.kernel_size)]
        return sum(terms[1:], terms[0])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again."""
        return {**super().get_config(), "kernel_size": self.kernel_size}
