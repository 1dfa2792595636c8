"""The union of all augmentations, as recipes hold it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from dssd_tf.augmentation import Augmentation, BatchAugmentation

ADAPTER: TypeAdapter[Any] = TypeAdapter(Augmentation)
DOMAINS = {
    "band_limit": "log_mel",
    "device_impulse_response": "waveform",
    "device_spectrum_modulation": "log_mel",
    "filter_augment": "log_mel",
    "freq_mixstyle": "log_mel",
    "frequency_warp": "log_mel",
    "noise_floor": "log_mel",
    "time_roll": "log_mel",
    "time_stretch": "log_mel",
    "gain": "log_mel",
    "spec_augment": "features",
    "mixup": "features",
}


def test_the_union_holds_every_augmentation() -> None:
    names = {cls.model_fields["name"].default for cls in BatchAugmentation.__subclasses__()}
    assert names == set(DOMAINS)


@pytest.mark.parametrize("name", DOMAINS)
def test_a_name_tells_which(name: str) -> None:
    given = {"name": name, "probability": 0.25, "until_epoch": 7}
    if name == "device_impulse_response":
        given["folder"] = "responses"
    augment = ADAPTER.validate_python(given)
    assert (augment.name, augment.domain) == (name, DOMAINS[name])
    assert (augment.probability, augment.from_epoch, augment.until_epoch) == (0.25, 1, 7)
    assert ADAPTER.validate_json(augment.model_dump_json()) == augment
    assert Path(given.get("folder", ".")) == getattr(augment, "folder", Path())


@pytest.mark.parametrize("given", [{}, {"name": "cutmix"}, "mixup", {"name": "mixup", "x": 1}])
def test_others_are_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(given)
