"""The schema of a recipe, put together from the rooms' own configurations."""

import re
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from dssd_tf.augmentation import Augmentation, ordered_domains
from dssd_tf.config import Config
from dssd_tf.data.config import DataConfig
from dssd_tf.features import LogMelConfig
from dssd_tf.quantization import QuantizationConfig
from dssd_tf.training import TrainingConfig
from dssd_tf.training.distillation import DistillationConfig

_SCIENTIFIC = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")


class ModelConfig(Config):
    """A network of the registry; input shape and classes follow from the data."""

    name: str = Field("dsmn_s", description="see `dssd models`")
    options: dict[str, Any] = Field(
        default_factory=dict, description="arguments of the network's constructor"
    )
    weights: Path | None = Field(
        None, description="start from the weights of this run, or .keras file; null: from none"
    )

    @field_validator("options")
    @classmethod
    def _numbers(cls, options: dict[str, Any]) -> dict[str, Any]:
        # YAML 1.1 reads 1e-3 as text; no type is known here by which to convert it.
        return {key: _number(value) for key, value in options.items()}


class ChallengeConfig(Config):
    """Which rules the run is held against, and what is packaged."""

    edition: int | None = Field(2022, description="year; null: no limits and no package")
    entry: Path | None = Field(
        None, description="entry file (authors, names); null: no package is written"
    )


class Recipe(Config):
    """A run: the same recipe, data and versions give the same result."""

    name: str = Field(min_length=1, description="names the run's folder")
    description: str = ""
    seed: int = Field(0, ge=0, lt=2**31)
    data: DataConfig = DataConfig()
    features: LogMelConfig = LogMelConfig()
    augmentation: tuple[Augmentation, ...] = ()
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    distillation: DistillationConfig | None = Field(
        None, description="teachers and coarse classes; null: labels alone"
    )
    quantization: QuantizationConfig = QuantizationConfig()
    challenge: ChallengeConfig = ChallengeConfig()

    @field_validator("augmentation")
    @classmethod
    def _by_domain(cls, augmentation: tuple[Augmentation, ...]) -> tuple[Augmentation, ...]:
        ordered_domains(augmentation)
        return augmentation


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, str) and _SCIENTIFIC.fullmatch(value) else value
