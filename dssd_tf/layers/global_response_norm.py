"""Global response normalization (GRN)."""

from typing import Any

import keras
from keras import ops

from dssd_tf.layers.checks import require_grid


@keras.saving.register_keras_serializable(package="dssd_tf")
class GlobalResponseNorm(keras.layers.Layer):
    """Scales each channel by its energy relative to the mean over channels.

    ``y = gamma * x * g / (mean_c g + eps) + beta + x`` with ``g_c = ||x_c||_2`` over time and
    frequency; gamma and beta are one number each and start at 0.

    Input and output: (batch, time, frequency, channels). Parameters: 2.

    Source: Woo et al., ConvNeXt V2 (CVPR 2023); with scalar gamma and beta as in CP-Mobile
    (DCASE 2023 Task 1).

    Args:
        epsilon: eps.
    """

    def __init__(self, epsilon: float = 1e-6, **kwargs: Any):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make gamma and beta.

        Raises:
            ValueError: The rank is not 4.
        """
        require_grid(self.name, input_shape)
        self.gamma = self.add_weight(name="gamma", shape=(1,), initializer="zeros")
        self.beta = self.add_weight(name="beta", shape=(1,), initializer="zeros")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Normalise the response."""
        # The square root has no gradient at 0, where a whole channel is silent.
        energy = ops.sum(ops.square(inputs), axis=(1, 2), keepdims=True)
        response = ops.sqrt(ops.maximum(energy, 1e-12))
        relative = response / (ops.mean(response, axis=-1, keepdims=True) + self.epsilon)
        return self.gamma * (inputs * relative) + self.beta + inputs

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again."""
        return {**super().get_config(), "epsilon": self.epsilon}
