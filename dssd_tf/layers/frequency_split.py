"""The high/low split of the frequency axis."""

from typing import Any

import keras
from keras import ops

from dssd_tf.layers.checks import require_grid
from dssd_tf.layers.forms import fused


@keras.saving.register_keras_serializable(package="dssd_tf")
class FrequencySplit(keras.layers.Layer):
    """Splits a spectrogram into its low and its high half along frequency.

    ``low, high = x[:, :, :F/2], x[:, :, F/2:]``; index 0 of the frequency axis is the lowest
    mel band. No parameters, no multiply-adds.

    Input: (batch, time, frequency, channels), frequency even.
    Output: two tensors (batch, time, frequency / 2, channels), low first.

    Source: the split is named in Ye & Tian (arXiv 2405.03567, 2024), its exact form is that of
    the precursor DSMN (Wang, Wu & Li, DCASE 2023 technical report 61). Tag: exact.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check the shape.

        Raises:
            ValueError: The rank is not 4, or the frequency axis is unknown or odd.
        """
        self._half(input_shape)
        self.built = True

    def call(self, inputs: Any) -> tuple[Any, Any]:
        """Return (low, high)."""
        half = self._half(inputs.shape)
        if fused(inputs):
            # Its gradient is one concatenation, that of two slices a padding each and a sum.
            low, high = ops.split(inputs, 2, axis=2)
            return low, high
        return inputs[:, :, :half], inputs[:, :, half:]

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        """Shapes of the two halves."""
        half = self._half(input_shape)
        shape = (input_shape[0], input_shape[1], half, input_shape[3])
        return shape, shape

    def compute_output_spec(self, inputs: Any) -> tuple[Any, Any]:
        """Symbolic halves."""
        low, high = self.compute_output_shape(inputs.shape)
        dtype = self.compute_dtype
        return keras.KerasTensor(low, dtype=dtype), keras.KerasTensor(high, dtype=dtype)

    def _half(self, shape: tuple[int | None, ...]) -> int:
        bands = require_grid(self.name, shape)[2]
        if bands is None or bands % 2:
            raise ValueError(
                f"{self.name}: the frequency axis must have an even, known size to be split in "
                f"halves, got {bands} in shape {tuple(shape)}; use an even number of mel bands "
                "or a pattern without the split (F) for this block."
            )
        return int(bands) // 2


def concatenate_halves(low: Any, high: Any) -> Any:
    """Undo `FrequencySplit`: (batch, time, F/2, channels) twice → (batch, time, F, channels)."""
    return ops.concatenate([low, high], axis=2)
