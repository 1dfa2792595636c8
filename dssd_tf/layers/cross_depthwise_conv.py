"""Depthwise convolutions over time and over frequency, in parallel, summed."""

from typing import Any

import keras
from keras import ops

from dssd_tf.layers.checks import require_grid, require_positive
from dssd_tf.layers.forms import current_form, fused


@keras.saving.register_keras_serializable(package="dssd_tf")
class CrossDepthwiseConv(keras.layers.Layer):
    """``y = D_t(x) + D_f(x)``: the spatial part that all operators share.

    D_t is depthwise (3, 1) over time and D_f depthwise (1, 3) over frequency; both are dilated
    along their taps, zero-padded to the same size, and without bias.

    Input and output: (batch, time T, frequency F, channels C).
    Parameters: 6 C. Multiply-adds: 6 T F C.

    Source: Puy et al., SP4ASC (DCASE 2021); in DSMN (Wang, Wu & Li, DCASE 2023 technical
    report 61) with dilation 2. Tag: exact.

    Args:
        dilation_rate: Distance between the taps.

    Raises:
        ValueError: `dilation_rate` is no whole number from 1 up.
    """

    def __init__(self, dilation_rate: int = 2, **kwargs: Any):
        super().__init__(**kwargs)
        require_positive(self.name, dilation_rate=dilation_rate)
        self.dilation_rate = dilation_rate
        self.time = self._branch("time", (3, 1), (dilation_rate, 1))
        self.frequency = self._branch("frequency", (1, 3), (1, dilation_rate))

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build both branches.

        Raises:
            ValueError: The rank is not 4.
        """
        require_grid(self.name, input_shape)
        self.time.build(input_shape)
        self.frequency.build(input_shape)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Sum of the branches, in the current form (see `dssd_tf.layers.forms`)."""
        if current_form() == "shifted":
            return self._shifted(inputs)
        if fused(inputs):
            from dssd_tf.layers.fused.steps import cross_alone

            return cross_alone(self, inputs)
        return self.time(inputs) + self.frequency(inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again."""
        return {**super().get_config(), "dilation_rate": self.dilation_rate}

    def _shifted(self, inputs: Any) -> Any:
        """Five shifted and scaled copies: the two middle taps read the same input."""
        reach = self.dilation_rate
        _, times, bands, channels = ops.shape(inputs)
        # One axis padded for each branch: with both in one, XLA repeats what comes before.
        late = ops.pad(inputs, [(0, 0), (reach, reach), (0, 0), (0, 0)])
        high = ops.pad(inputs, [(0, 0), (0, 0), (reach, reach), (0, 0)])
        time = ops.reshape(self.time.kernel, (3, channels))
        frequency = ops.reshape(self.frequency.kernel, (3, channels))
        return (
            (time[1] + frequency[1]) * inputs
            + time[0] * late[:, :times]
            + time[2] * late[:, 2 * reach :]
            + frequency[0] * high[:, :, :bands]
            + frequency[2] * high[:, :, 2 * reach :]
        )

    def _branch(
        self, name: str, taps: tuple[int, int], dilation: tuple[int, int]
    ) -> keras.layers.DepthwiseConv2D:
        return keras.layers.DepthwiseConv2D(
            taps,
            padding="same",
            dilation_rate=dilation,
            use_bias=False,
            name=name,
            dtype=self.dtype_policy,
        )
