"""Device impulse response augmentation."""

from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.draws import chosen
from dssd_tf.augmentation.impulse_responses import read_impulse_responses
from dssd_tf.augmentation.training_context import TrainingContext
from dssd_tf.errors import DataError

# A transform of a multiple of this length has mostly small prime factors, so it is fast.
_FFT_STEP = 4096


class DeviceImpulseResponse(BatchAugmentation):
    """Lets clips sound as if another device had recorded them.

    A clip is convolved with a response drawn from a folder of device impulse responses, cut to
    its own length and brought back to its own energy, so peaks may exceed 1. `probability` is
    per clip; only clips of `devices` are changed.

    Source: Morocutti et al., Device-Robust Acoustic Scene Classification via Impulse Response
    Augmentation (EUSIPCO 2023).
    """

    domain: ClassVar[Domain] = "waveform"

    name: Literal["device_impulse_response"] = "device_impulse_response"
    folder: Path = Field(description="folder with WAV files, any sampling rate")
    level: float = Field(1.0, gt=0, le=1, description="share of the convolved sound; rest: dry")
    max_seconds: float = Field(1.0, gt=0, description="longer responses are cut")
    devices: tuple[str, ...] | None = Field(
        None, min_length=1, description="devices whose clips are changed; null: all"
    )

    _responses: Any = PrivateAttr(None)
    _allowed: tuple[int, ...] | None = PrivateAttr(None)

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "device impulse response augmentation"

    def prepare(self, context: TrainingContext) -> Self:
        """A copy that holds the responses at the data's rate.

        Raises:
            DataError: See `read_impulse_responses`; or `devices` names one the data has not.
        """
        import tensorflow as tf

        for device in self.devices or ():
            if device not in context.devices:
                raise DataError(
                    f"{self.name}.devices names {device!r}, which the data has not",
                    fix=f"choose among {', '.join(context.devices)}",
                )
        responses = read_impulse_responses(self.folder, context.sampling_rate, self.max_seconds)
        prepared = self.model_copy()
        # A tensor, since an array would be written into each graph anew.
        with tf.device("CPU:0"):
            prepared._responses = tf.constant(responses)
        if self.devices is not None:
            prepared._allowed = tuple(context.devices.index(device) for device in self.devices)
        return prepared

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        if self._responses is None:
            raise RuntimeError(f"{self.name} must be prepared before it is used")
        clips = clip_count(batch)
        seeds = tf.random.split(seed, 2)
        acts = chosen([clips], self.probability, seeds[0])
        if self._allowed is not None:
            devices = tf.cast(self._devices_of(batch), tf.int32)
            acts &= tf.reduce_any(devices[:, None] == tf.constant(self._allowed), axis=1)
        count = tf.shape(self._responses)[0]
        drawn = tf.random.stateless_uniform([clips], seeds[1], 0, count, tf.int32)
        # Only the clips that change are convolved: that is where the time goes.
        rows = tf.where(acts)[:, 0]
        dry = tf.gather(batch["x"], rows)
        responses = tf.gather(self._responses, tf.gather(drawn, rows))
        wet = with_energy_of(dry, convolve(dry, tf.cast(responses, dry.dtype)))
        mixed = with_energy_of(dry, (1 - self.level) * dry + self.level * wet)
        return {**batch, "x": tf.tensor_scatter_nd_update(batch["x"], rows[:, None], mixed)}


def convolve(waveforms: Any, responses: Any) -> Any:
    """Each waveform (batch, samples) with its response (batch, taps), cut to the samples."""
    import tensorflow as tf

    samples, taps = tf.shape(waveforms)[1], tf.shape(responses)[1]
    size = (samples + taps + _FFT_STEP - 2) // _FFT_STEP * _FFT_STEP

    def spectrum(signals: Any, length: Any) -> Any:
        # Left to itself, rfft does not pad where no clip was chosen, and then fails.
        return tf.signal.rfft(tf.pad(signals, [[0, 0], [0, size - length]]), [size])

    product = spectrum(waveforms, samples) * spectrum(responses, taps)
    return tf.signal.irfft(product, [size])[:, :samples]


def with_energy_of(reference: Any, waveforms: Any) -> Any:
    """`waveforms` scaled to the energy of `reference`, both (batch, samples)."""
    import tensorflow as tf

    wanted = tf.reduce_sum(reference**2, axis=1, keepdims=True)
    found = tf.reduce_sum(waveforms**2, axis=1, keepdims=True)
    return waveforms * tf.sqrt(tf.math.divide_no_nan(wanted, found))
