"""How a model is quantized."""

from typing import Literal

from pydantic import Field

from dssd_tf.config import Config


class QuantizationConfig(Config):
    """Post-training quantization to int8, or none."""

    method: Literal["none", "ptq"] = "ptq"
    calibration_clips: int = Field(
        256, ge=1, description="training clips that set the ranges of the activations"
    )
