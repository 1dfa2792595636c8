"""The schema of a recipe, put together from the rooms' own configurations."""

from pathlib import Path
from typing import Any

from pydantic import Field

from dssd_tf.augmentation import Augmentation
from dssd_tf.config import Config
from dssd_tf.data.config import DataConfig
from dssd_tf.features import LogMelConfig
from dssd_tf.quantization import QuantizationConfig
from dssd_tf.training import TrainingConfig


class ModelConfig(Config):
    """A network of the registry; input shape and classes follow from the data."""

    name: str = Field("dsmn_s", description="see `dssd models`")
    options: dict[str, Any] = Field(
        default_factory=dict, description="arguments of the network's constructor"
    )


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
    quantization: QuantizationConfig = QuantizationConfig()
    challenge: ChallengeConfig = ChallengeConfig()
