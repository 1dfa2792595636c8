"""How a model is quantized."""

from typing import Literal

from pydantic import Field

from dssd_tf.config import Config


class FineTuningConfig(Config):
    """Quantization-aware fine-tuning; method `qat` only.

    Clips, augmentation and weights of clips are those of the training.
    """

    epochs: int = Field(10, ge=1)
    batch_size: int | None = Field(None, ge=1, description="null: that of the training")
    learning_rate: float = Field(3e-4, gt=0, description="of Adam, at the start")
    final_learning_rate: float = Field(1e-6, ge=0, description="where the cosine ends")
    clip_norm: float | None = Field(1.0, gt=0, description="clip the gradient's global norm")
    weight: float = Field(
        0.9, ge=0, le=1, description="of the distillation loss; the labels' loss has the rest"
    )
    temperature: float = Field(2.0, gt=0, description="divides the logits before the softmax")
    bank_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="of the recipe's teacher bank in the distillation loss, where there is one; "
        "the float model has the rest",
    )
    calibration_percentile: float = Field(
        100.0,
        gt=50,
        le=100,
        description="where the activations' ranges start; 100: at the smallest and largest value",
    )
    observer_decay: float = Field(
        0.99, ge=0, lt=1, description="of the moving averages of the activations' ranges, a step"
    )
    observer_freeze_epoch: int | None = Field(
        None,
        ge=0,
        description="epochs after which the ranges stand still, 0: they stay as calibrated; "
        "null: half of the epochs",
    )
    shared_add_scale: bool = Field(
        True, description="inputs of an addition share one range, as XNNPACK wants them"
    )

    @property
    def observed_epochs(self) -> int:
        """Epochs in which the ranges move."""
        return (
            self.epochs // 2 if self.observer_freeze_epoch is None else self.observer_freeze_epoch
        )


class QuantizationConfig(Config):
    """From the float model to the one that is deployed."""

    method: Literal["none", "float16", "ptq", "qat"] = Field(
        "ptq",
        description="float16: weights of 16 bits, computed in float; ptq: int8 from calibration "
        "clips; qat: int8 fine-tuned with the rounding simulated",
    )
    calibration_clips: int = Field(
        256, ge=1, description="training clips that set the ranges of the activations"
    )
    fine_tuning: FineTuningConfig = FineTuningConfig()
