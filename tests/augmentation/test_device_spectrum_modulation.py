from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from pydantic import ValidationError

from dssd_tf.augmentation import DeviceSpectrumModulation, TrainingContext
from dssd_tf.errors import DataError

MakeBatch = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("strength", [1.0, 0.5])
@pytest.mark.parametrize(("reference", "index"), [("a", 0), ("b", 1)])
def test_clips_of_the_reference_get_the_spectrum_of_another_device(
    context: TrainingContext,
    offsets: NDArray[np.float64],
    make_batch: MakeBatch,
    strength: float,
    reference: str,
    index: int,
) -> None:
    batch = make_batch("log_mel", 60)
    augment = DeviceSpectrumModulation(reference_device=reference, strength=strength)
    found = augment.prepare(context)(batch, seed=(1, 2))
    added = np.asarray(found["x"]) - np.asarray(batch["x"])
    own = np.asarray(batch["device"]) == index
    np.testing.assert_array_equal(added[~own], np.zeros_like(added[~own]))
    others = [device for device in range(3) if device != index]
    expected = strength * (offsets[others] - offsets[index])
    drawn = []
    for clip in added[own]:
        assert np.ptp(clip, axis=0).max() < 1e-5
        distances = np.abs(expected - clip[0]).max(axis=1)
        assert distances.min() < 1e-5
        drawn.append(int(distances.argmin()))
    assert set(drawn) == {0, 1}
    for key in ("y", "device", "teacher", "weight"):
        np.testing.assert_array_equal(found[key], batch[key])


def test_a_device_without_pairs_is_never_drawn(
    context: TrainingContext, offsets: NDArray[np.float64], make_batch: MakeBatch
) -> None:
    assert context.clips is not None
    more = replace(context, devices=("b", "a", "d", "s1"))
    batch = {**make_batch("log_mel", 40), "device": tf.ones(40, tf.int32)}
    found = DeviceSpectrumModulation().prepare(more)(batch, seed=(1, 2))["x"]
    added = (np.asarray(found) - np.asarray(batch["x"]))[:, 0]
    expected = offsets[1:] - offsets[0]
    distances = np.abs(added[:, None] - expected).max(axis=2)
    assert distances.min(axis=1).max() < 1e-5


def test_without_a_difference_it_is_the_identity(
    context: TrainingContext, make_batch: MakeBatch
) -> None:
    batch = make_batch("log_mel")
    alike = replace(context, gather_raw=lambda rows: np.ones((len(rows), 3, 6), np.float32))
    for augment in (
        DeviceSpectrumModulation().prepare(alike),
        DeviceSpectrumModulation(strength=0).prepare(context),
    ):
        np.testing.assert_array_equal(augment(batch, seed=(1, 2))["x"], batch["x"])


def test_preparing_leaves_the_recipe_as_it_is(
    context: TrainingContext, make_batch: MakeBatch
) -> None:
    augment = DeviceSpectrumModulation()
    prepared = augment.prepare(context)
    assert augment == DeviceSpectrumModulation()
    assert augment.spectra is None
    assert prepared.spectra is not None
    with pytest.raises(RuntimeError, match="must be prepared"):
        augment(make_batch("log_mel"), seed=(1, 2))


def test_the_device_of_each_clip_is_needed(context: TrainingContext, make_batch: MakeBatch) -> None:
    batch = make_batch("log_mel")
    del batch["device"]
    with pytest.raises(ValueError, match="device_spectrum_modulation needs the entry 'device'"):
        DeviceSpectrumModulation().prepare(context)(batch, seed=(1, 2))


def test_an_unknown_reference_is_told(context: TrainingContext) -> None:
    with pytest.raises(DataError, match=r"reference device 's9'.*a, b, s1"):
        DeviceSpectrumModulation(reference_device="s9").prepare(context)


@pytest.mark.parametrize("setting", [{"strength": -1}, {"reference": "b"}])
def test_settings_out_of_range(setting: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(setting))):
        DeviceSpectrumModulation.model_validate(setting)
