"""The base of every augmentation."""

from abc import abstractmethod
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dssd_tf.augmentation.batch import Batch
from dssd_tf.augmentation.training_context import TrainingContext
from dssd_tf.config import Config

Domain = Literal["waveform", "log_mel", "features"]

_AXES: dict[Domain, tuple[str, ...]] = {
    "waveform": ("batch", "samples"),
    "log_mel": ("batch", "time", "frequency"),
    "features": ("batch", "time", "frequency", "channels"),
}


class BatchAugmentation(Config):
    """An augmentation: settings that can be called on a batch inside a TensorFlow graph.

    `domain` says what ``x`` of the batch must be; see `Batch`. Half precision is computed in
    float32.
    """

    domain: ClassVar[Domain]

    name: str
    probability: float = Field(1.0, ge=0, le=1, description="of acting on a clip")
    from_epoch: int = Field(1, ge=1, description="first epoch in which it acts")
    until_epoch: int | None = Field(
        None, ge=1, description="last epoch in which it acts; null: to the end"
    )

    @model_validator(mode="after")
    def _epochs_in_order(self) -> Self:
        if self.until_epoch is not None and self.until_epoch < self.from_epoch:
            raise ValueError(
                f"until_epoch {self.until_epoch} is before from_epoch {self.from_epoch}"
            )
        return self

    def active(self, epoch: int) -> bool:
        """Whether it acts in `epoch`, counted from 1."""
        return self.from_epoch <= epoch and (self.until_epoch is None or epoch <= self.until_epoch)

    def prepare(self, context: TrainingContext) -> Self:
        """The augmentation ready for use; most need nothing and return themselves."""
        return self

    def __call__(self, batch: Batch, *, seed: Any) -> Batch:
        """Augment a batch; `x` keeps its shape and type.

        Args:
            batch: See `Batch`; it is left as it is.
            seed: Integer tensor (2,); the same seed gives the same result.

        Raises:
            ValueError: ``x`` has another rank than the domain, or an entry is missing.
        """
        import tensorflow as tf

        x = tf.convert_to_tensor(batch["x"])
        axes = _AXES[self.domain]
        if x.shape.rank not in (None, len(axes)):
            raise ValueError(f"{self.name} expects x as ({', '.join(axes)}), got shape {x.shape}")
        x = tf.ensure_shape(x, [None] * len(axes))
        exact = tf.float32 if x.dtype.size < 4 else x.dtype
        augmented = self._augment({**batch, "x": tf.cast(x, exact)}, seed)
        return {**augmented, "x": tf.ensure_shape(tf.cast(augmented["x"], x.dtype), x.shape)}

    @abstractmethod
    def describe(self) -> str:
        """A few words for a submission's `data_augmentation`."""

    @abstractmethod
    def _augment(self, batch: Batch, seed: Any) -> Batch:
        """The augmented batch, a new dictionary."""

    def _devices_of(self, batch: Batch) -> Any:
        if "device" not in batch:
            raise ValueError(f"{self.name} needs the entry 'device' in the batch")
        return batch["device"]
