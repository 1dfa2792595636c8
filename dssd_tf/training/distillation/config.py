"""What a student is trained on beside its labels."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from dssd_tf.config import Config
from dssd_tf.training.distillation.coarse_classes import CoarseClasses


class WeightScheduleConfig(Config):
    """The weight of the distillation loss over the training."""

    name: Literal["constant", "linear", "cosine"] = "constant"
    start: float = Field(
        0.0, ge=0, le=1, description="weight of the first step; linear and cosine only"
    )
    epochs: float | None = Field(
        None, gt=0, description="until `weight` is reached; null: the whole training"
    )


class FeatureDistillationConfig(Config):
    """A layer of the student that is held to one of a teacher."""

    student_layer: str = Field(min_length=1, description="name of a layer of the student")
    teacher_layer: str = Field(min_length=1, description="name of a layer of the teacher")
    loss: Literal["mse", "cosine"] = Field("mse", description="distance of the features")
    weight: float = Field(1.0, gt=0, description="factor of the distance")
    teacher: int = Field(0, ge=0, description="which of `teachers`, from 0")


class DistillationConfig(Config):
    """Teachers and coarse classes of one training."""

    teachers: tuple[Path, ...] = Field(
        (), description="run folders, preset folders or .keras files; they run at each step"
    )
    bank: Path | None = Field(None, description="stored logits of teachers for the training clips")
    bank_teachers: tuple[str, ...] | None = Field(
        None, min_length=1, description="those of the bank that count; null: all"
    )
    teacher_weights: tuple[float, ...] | None = Field(
        None, description="one a teacher, `teachers` first, then the bank's; null: all the same"
    )
    average: Literal["logits", "probabilities"] = Field(
        "logits", description="what is averaged over several teachers"
    )
    temperature: float = Field(1.0, gt=0, description="divides the logits before the softmax")
    weight: float = Field(
        0.5, ge=0, le=1, description="of the distillation loss; the labels' loss has the rest"
    )
    schedule: WeightScheduleConfig = WeightScheduleConfig()
    loss: Literal["kl_divergence", "categorical_crossentropy"] = "kl_divergence"
    features: tuple[FeatureDistillationConfig, ...] = Field(
        (), description="pairs of layers; the teacher must be one of `teachers`"
    )
    coarse: CoarseClasses | None = Field(
        None, description="second, coarser labels, learned beside the scenes"
    )
    combine: Literal["sum", "pcgrad"] = Field(
        "sum", description="pcgrad: project the conflicting gradients of the terms of the loss"
    )

    @property
    def distils(self) -> bool:
        """Whether the distillation weight is ever above 0."""
        return self.weight > 0 or (self.schedule.name != "constant" and self.schedule.start > 0)

    @model_validator(mode="after")
    def _fits_together(self) -> "DistillationConfig":
        if self.distils and not self.teachers and self.bank is None:
            raise ValueError(
                f"weight {self.weight} needs teachers or a bank; set weight to 0 to do without"
            )
        if self.bank_teachers is not None and self.bank is None:
            raise ValueError("bank_teachers are given without a bank")
        if not self.distils and self.coarse is None:
            raise ValueError("weight 0 without coarse classes leaves nothing beside the labels")
        if self.features and not self.distils:
            raise ValueError("features are distilled with weight 0; raise weight")
        for pair in self.features:
            if pair.teacher >= len(self.teachers):
                raise ValueError(
                    f"features of teacher {pair.teacher}, but teachers lists {len(self.teachers)}"
                )
        weights = self.teacher_weights
        if weights is not None:
            if not all(weight > 0 for weight in weights):
                raise ValueError(f"teacher_weights must be above 0, found {weights}")
            missing = len(weights) < len(self.teachers) + (self.bank is not None)
            if missing or (self.bank is None and len(weights) > len(self.teachers)):
                raise ValueError(
                    f"{len(weights)} teacher_weights for {len(self.teachers)} teachers"
                    + (" and a bank" if self.bank is not None else "")
                )
        return self
