"""Augmentations on batches: each a configuration that can be applied."""

from typing import Annotated

from pydantic import Field

from dssd_tf.augmentation.band_limit import BandLimit
from dssd_tf.augmentation.batch import Batch
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.device_impulse_response import DeviceImpulseResponse
from dssd_tf.augmentation.device_spectrum_modulation import DeviceSpectrumModulation
from dssd_tf.augmentation.filter_augment import FilterAugment
from dssd_tf.augmentation.freq_mixstyle import FreqMixStyle
from dssd_tf.augmentation.frequency_warp import FrequencyWarp
from dssd_tf.augmentation.gain import Gain
from dssd_tf.augmentation.mixup import Mixup
from dssd_tf.augmentation.noise_floor import NoiseFloor
from dssd_tf.augmentation.pipeline import (
    DOMAINS,
    active_places,
    apply_all,
    ordered_domains,
    prepare_all,
)
from dssd_tf.augmentation.spec_augment import SpecAugment
from dssd_tf.augmentation.time_roll import TimeRoll
from dssd_tf.augmentation.time_stretch import TimeStretch
from dssd_tf.augmentation.training_context import TrainingContext

Augmentation = Annotated[
    BandLimit
    | DeviceImpulseResponse
    | DeviceSpectrumModulation
    | FilterAugment
    | FreqMixStyle
    | FrequencyWarp
    | NoiseFloor
    | TimeRoll
    | TimeStretch
    | Gain
    | SpecAugment
    | Mixup,
    Field(discriminator="name"),
]
"""What a recipe's `augmentation` list may hold; `name` tells which."""

__all__ = [
    "DOMAINS",
    "Augmentation",
    "BandLimit",
    "Batch",
    "BatchAugmentation",
    "DeviceImpulseResponse",
    "DeviceSpectrumModulation",
    "Domain",
    "FilterAugment",
    "FreqMixStyle",
    "FrequencyWarp",
    "Gain",
    "Mixup",
    "NoiseFloor",
    "SpecAugment",
    "TimeRoll",
    "TimeStretch",
    "TrainingContext",
    "active_places",
    "apply_all",
    "ordered_domains",
    "prepare_all",
]
