"""How a network is trained."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dssd_tf.config import Config
from dssd_tf.training.devices import Devices

Weight = Annotated[float, Field(ge=0)]
"""A factor in the loss."""


class OptimizerConfig(Config):
    """A Keras optimizer."""

    name: Literal["adam", "adamw", "sgd"] = "adamw"
    learning_rate: float = Field(1e-3, gt=0, description="peak learning rate")
    weight_decay: float = Field(1e-4, ge=0, description="adamw and sgd only")
    momentum: float = Field(0.9, ge=0, lt=1, description="sgd only")
    clip_norm: float | None = Field(None, gt=0, description="clip the gradient's global norm")


class ScheduleConfig(Config):
    """Learning rate over the steps of the whole training."""

    name: Literal["constant", "cosine"] = "cosine"
    warmup_epochs: float = Field(0, ge=0, description="linear rise from warmup_start")
    warmup_start: float = Field(5e-5, ge=0, description="learning rate of the first step")
    final: float = Field(1e-6, ge=0, description="learning rate the cosine ends at")


class TrainingConfig(Config):
    """One training."""

    epochs: int = Field(30, ge=1)
    batch_size: int = Field(32, ge=1, description="clips of a step, over all devices together")
    devices: Devices = Field(
        "auto",
        description="auto: a GPU if there is one, else the CPU; mirrored: all GPUs of this "
        "machine; multi_worker: those of all machines that TF_CONFIG names",
    )
    optimizer: OptimizerConfig = OptimizerConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    label_smoothing: float = Field(0.0, ge=0, lt=1)
    class_weight: Literal["balanced"] | dict[str, Weight] | None = Field(
        None, description="of the clips in the loss, by class; balanced: equal sums; null: all 1"
    )
    device_weight: Literal["balanced"] | dict[str, Weight] | None = Field(
        None, description="the same by recording device; both are multiplied, their mean is 1"
    )
    ema: float | None = Field(
        None, gt=0, lt=1, description="momentum of a moving average of the weights, which is kept"
    )
    early_stopping: int | None = Field(
        None, ge=1, description="stop after so many epochs without a lower validation loss"
    )
    tensorboard: bool = Field(
        False, description="write the history for TensorBoard too (extra `tensorboard`)"
    )
    energy: bool = Field(
        False, description="read the energy that the training takes (extra `energy`)"
    )
    checkpoint_steps: int | None = Field(
        None, ge=1, description="batches between checkpoints; null: one an epoch, at its end"
    )
    form: Literal["auto", "convolution", "shifted", "fused"] = Field(
        "auto", description="how layers compute while training; the numbers are the same"
    )
    jit_compile: Literal["auto"] | bool | None = Field(
        "auto",
        description="let XLA compile the steps; auto: choose with the form what is fastest; "
        "null: as Keras, in the form `convolution` unless one is given",
    )
    precision: Literal["auto", "float32", "mixed_float16"] = Field(
        "auto", description="of the arithmetic while training; auto: float32"
    )

    @model_validator(mode="after")
    def _compiles_what_xla_can(self) -> "TrainingConfig":
        if self.form == "fused" and self.jit_compile is True:
            raise ValueError(
                "form fused holds compiled loops that XLA cannot take in; set jit_compile: auto, "
                "or form: shifted"
            )
        return self

    @model_validator(mode="after")
    def _averages_full_precision(self) -> "TrainingConfig":
        # Keras hides the optimizer's averages behind the one that scales the loss.
        if self.ema is not None and self.precision == "mixed_float16":
            raise ValueError("ema does not go with precision mixed_float16; leave one of them out")
        return self
