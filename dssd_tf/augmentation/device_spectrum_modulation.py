"""Device spectrum modulation."""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr

from dssd_tf.augmentation.batch import Batch, clip_count
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.device_spectra import DeviceSpectra, measure_device_spectra
from dssd_tf.augmentation.draws import chosen
from dssd_tf.augmentation.training_context import TrainingContext


class DeviceSpectrumModulation(BatchAugmentation):
    """Gives clips of the reference device the mean spectrum of another device.

    Before training, the mean difference in log10 of power between each device and the reference
    is measured over the training segments that both have recorded. In training, the difference
    of a device drawn for each clip is added to all its frames; `probability` is per clip. Only
    clips whose own device is the reference are changed.

    Source: Wang, Wu & Li, DCASE 2023 Task 1 technical report 61 (2023).
    """

    domain: ClassVar[Domain] = "log_mel"

    name: Literal["device_spectrum_modulation"] = "device_spectrum_modulation"
    reference_device: str = Field("a", description="device whose clips are changed")
    strength: float = Field(1.0, ge=0, description="factor of the added difference")

    _spectra: DeviceSpectra | None = PrivateAttr(None)

    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""
        return "device spectrum modulation"

    def prepare(self, context: TrainingContext) -> Self:
        """A copy that holds the spectra of the devices.

        Raises:
            DataError: See `measure_device_spectra`.
        """
        prepared = self.model_copy()
        prepared._spectra = measure_device_spectra(context, self.reference_device)
        return prepared

    @property
    def spectra(self) -> DeviceSpectra | None:
        """What `prepare` has measured; None before."""
        return self._spectra

    def _augment(self, batch: Batch, seed: Any) -> Batch:
        import tensorflow as tf

        spectra = self._spectra
        if spectra is None:
            raise RuntimeError(f"{self.name} must be prepared before it is used")
        x, clips = batch["x"], clip_count(batch)
        seeds = tf.random.split(seed, 2)
        differences = tf.constant(spectra.differences[spectra.pairs > 0], x.dtype)
        drawn = tf.random.stateless_uniform([clips], seeds[0], 0, differences.shape[0], tf.int32)
        added = self.strength * tf.gather(differences, drawn)[:, None, :]
        acts = chosen([clips], self.probability, seeds[1])
        acts &= tf.cast(self._devices_of(batch), tf.int32) == spectra.reference
        return {**batch, "x": tf.where(acts[:, None, None], x + added, x)}
