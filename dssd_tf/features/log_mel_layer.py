"""The whole front end as a Keras layer: waveforms in, features out."""

from typing import Any

import keras
import numpy as np
from keras import ops

from dssd_tf.features.config import LogMelConfig
from dssd_tf.features.filter_bank import filter_bank
from dssd_tf.features.finish_layer import FinishFeatures, exact_dtype, float32_arguments
from dssd_tf.features.window import analysis_window

# Bands a product: neighbours share their bins, so a block is far smaller than the whole matrix.
_BAND_BLOCK = 32


@keras.saving.register_keras_serializable(package="dssd_tf")
class LogMelSpectrogram(keras.layers.Layer):
    """Log-mel features of a batch of waveforms: `LogMelExtractor` as a layer.

    The log-mels equal librosa's within 1e-5 in log10. Arithmetic is float64 and the output
    float32 under every dtype policy. On JAX it is float32 unless ``jax_enable_x64`` is set, and
    bands five decades of power under a frame's loudest then hold rounding noise. NaN in a
    waveform is not refused, it gives NaN. For ``tf.data`` the back end must be TensorFlow.

    Input: (batch, samples), values in [-1, 1], more than n_fft // 2 samples.
    Output: (batch, time, frequency, channels); time is static where samples are.
    No parameters.

    Args:
        **kwargs: The fields of `LogMelConfig`, and those of a Keras layer.

    Raises:
        ValueError: A setting of the front end is out of its range.
    """

    def __init__(self, **kwargs: Any):
        fields = {key: kwargs.pop(key) for key in list(kwargs) if key in LogMelConfig.model_fields}
        super().__init__(**float32_arguments(kwargs))
        self.features = LogMelConfig(**fields)
        self.finish = FinishFeatures.from_config_object(self.features, name="finish")
        bank = filter_bank(self.features).dense()
        self._window = analysis_window(self.features)
        self._products = [
            _narrow(bank[first : first + _BAND_BLOCK]) for first in range(0, len(bank), _BAND_BLOCK)
        ]

    @classmethod
    def from_config_object(cls, config: LogMelConfig, **kwargs: Any) -> "LogMelSpectrogram":
        """The layer of a front end; `kwargs` are those of a Keras layer."""
        return cls(**config.model_dump(), **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check the shape.

        Raises:
            ValueError: The rank is not 2, or there are too few samples for the reflection.
        """
        batch, frames = self._frames(input_shape)
        self.finish.build((batch, frames, self.features.n_mels))
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Features of a batch of waveforms."""
        return self.finish(self.log_mel(inputs))

    def log_mel(self, inputs: Any) -> Any:
        """log10 of the mel power plus the offset, (batch, time, frequency), not standardised."""
        dtype, half = exact_dtype(), self.features.n_fft // 2
        # Framed in float32: the same samples as LogMelExtractor's, and half the memory.
        padded = ops.pad(ops.cast(inputs, "float32"), [[0, 0], [half, half]], mode="reflect")
        frames = ops.extract_sequences(padded, self.features.n_fft, self.features.hop_length)
        windowed = ops.cast(frames, dtype) * ops.convert_to_tensor(self._window, dtype)
        real, imaginary = ops.rfft(windowed)
        power = ops.square(real) + ops.square(imaginary)
        # In float32 an accelerator may multiply matrices with ten bits.
        mel = [
            ops.matmul(power[:, :, first:last], ops.convert_to_tensor(weights, dtype))
            for first, last, weights in self._products
        ]
        offset = float(np.float32(self.features.log_offset))
        return ops.cast(ops.log10(ops.concatenate(mel, axis=-1) + offset), "float32")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, time, frequency, channels).

        Raises:
            ValueError: See `build`.
        """
        batch, frames = self._frames(input_shape)
        return batch, frames, self.features.n_mels, self.features.channels

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        """Symbolic features, float32 under every policy."""
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again: the fields of `LogMelConfig`."""
        return {**super().get_config(), **self.features.model_dump()}

    def _frames(self, shape: tuple[int | None, ...]) -> tuple[int | None, int | None]:
        """(batch, time) of waveforms of `shape`."""
        if len(shape) != 2:
            raise ValueError(
                f"{self.name}: expected waveforms (batch, samples), got shape {tuple(shape)}."
            )
        batch, samples = shape
        if samples is None:
            return batch, None
        half = self.features.n_fft // 2
        if samples <= half:
            raise ValueError(
                f"{self.name}: waveforms of {samples} samples; reflection at n_fft "
                f"{self.features.n_fft} needs more than {half}."
            )
        return batch, self.features.frames(samples)


def _narrow(bands: np.ndarray) -> tuple[int, int, np.ndarray]:
    """(first bin, end, weights (end - first, bands)) of the bins that `bands` weigh."""
    heard = np.flatnonzero(bands.any(axis=0))
    first, last = (int(heard[0]), int(heard[-1]) + 1) if heard.size else (0, 1)
    return first, last, np.ascontiguousarray(bands[:, first:last].T)
