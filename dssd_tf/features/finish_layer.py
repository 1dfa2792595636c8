"""From the log-mel spectrogram to the network's input, inside a Keras graph."""

from typing import Any, Literal

import keras
from keras import ops

from dssd_tf.features.config import LogMelConfig
from dssd_tf.features.finish import DEVIATION_FLOOR


@keras.saving.register_keras_serializable(package="dssd_tf")
class FinishFeatures(keras.layers.Layer):
    """Standardises log-mels clip by clip and adds channels: `finish` as a layer.

    It equals `finish` within 1e-5. Arithmetic is float64 and the output float32 under every
    dtype policy; on JAX it is float32 unless ``jax_enable_x64`` is set.

    Input: (batch, time, frequency) raw log-mels. Output: (batch, time, frequency, channels).
    No parameters.

    Args:
        standardize: ``"clip"``: zero mean and unit unbiased deviation over time and frequency;
            ``"none"``: values as they are.
        deltas: Whether a second channel holds the slopes over five frames.
        band_centred: Whether a last channel holds each band less its mean over time.

    Raises:
        ValueError: `standardize` is unknown.
    """

    def __init__(
        self,
        standardize: Literal["clip", "none"] = "clip",
        deltas: bool = True,
        band_centred: bool = False,
        **kwargs: Any,
    ):
        super().__init__(**float32_arguments(kwargs))
        if standardize not in ("clip", "none"):
            raise ValueError(
                f"{self.name}: standardize must be 'clip' or 'none', got {standardize!r}."
            )
        self.standardize, self.deltas, self.band_centred = standardize, deltas, band_centred

    @classmethod
    def from_config_object(cls, config: LogMelConfig, **kwargs: Any) -> "FinishFeatures":
        """The layer of a front end; `kwargs` are those of a Keras layer."""
        return cls(
            standardize=config.standardize,
            deltas=config.deltas,
            band_centred=config.band_centred,
            **kwargs,
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check the shape.

        Raises:
            ValueError: The rank is not 3.
        """
        self.compute_output_shape(input_shape)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Finish a batch of log-mels."""
        values = ops.cast(inputs, exact_dtype())
        if self.standardize == "clip":
            values = _standardize(values)
        further = [_deltas(values)] if self.deltas else []
        if self.band_centred:
            further.append(values - ops.mean(values, axis=1, keepdims=True))
        if self.standardize == "clip":
            further = [_standardize(channel) for channel in further]
        return ops.cast(ops.stack([values, *further], axis=-1), "float32")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, time, frequency, channels).

        Raises:
            ValueError: The rank is not 3.
        """
        if len(input_shape) != 3:
            raise ValueError(
                f"{self.name}: expected log-mels (batch, time, frequency), "
                f"got shape {tuple(input_shape)}."
            )
        return (*input_shape, 1 + self.deltas + self.band_centred)

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        """Symbolic features, float32 under every policy."""
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again."""
        return {
            **super().get_config(),
            "standardize": self.standardize,
            "deltas": self.deltas,
            "band_centred": self.band_centred,
        }


def float32_arguments(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a layer that neither casts its input nor follows a global half precision."""
    return {"dtype": "float32", **kwargs, "autocast": False}


def exact_dtype() -> str:
    """float64 where the back end has it: JAX has it only with ``jax_enable_x64``."""
    if keras.backend.backend() == "jax":
        import jax

        return "float64" if jax.config.jax_enable_x64 else "float32"
    return "float64"


def _standardize(values: Any) -> Any:
    # From the first value on, a constant clip is zero exactly, in float32 too.
    values = values - values[:, :1, :1]
    centred = values - ops.mean(values, axis=(1, 2), keepdims=True)
    shape = ops.shape(values)
    others = ops.maximum(ops.cast(shape[1] * shape[2], values.dtype) - 1, 1)
    variance = ops.sum(ops.square(centred), axis=(1, 2), keepdims=True) / others
    # The floor goes inside the root, whose slope at zero is infinite.
    return centred / ops.sqrt(ops.maximum(variance, DEVIATION_FLOOR**2))


def _deltas(values: Any) -> Any:
    first, last = values[:, :1], values[:, -1:]
    padded = ops.concatenate([first, first, values, last, last], axis=1)
    far = padded[:, 4:] - padded[:, :-4]
    near = padded[:, 3:-1] - padded[:, 1:-3]
    return (2 * far + near) / 10
