from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.signal import fftconvolve

from dssd_tf.augmentation import DeviceImpulseResponse, TrainingContext
from dssd_tf.augmentation.device_impulse_response import convolve
from dssd_tf.errors import DataError

MakeBatch = Callable[..., dict[str, Any]]
Ready = Callable[..., DeviceImpulseResponse]


@pytest.fixture
def ready(tmp_path: Path, context: TrainingContext) -> Ready:
    """The augmentation with one given response."""

    def make(response: list[float], **changes: Any) -> DeviceImpulseResponse:
        rate = context.sampling_rate
        soundfile.write(tmp_path / "one.wav", np.array(response, np.float32), rate, subtype="FLOAT")
        return DeviceImpulseResponse(folder=tmp_path, **changes).prepare(context)

    return make


def _energy(clips: Any) -> np.ndarray:
    return np.sum(np.asarray(clips, np.float64) ** 2, axis=1)


@settings(max_examples=20, deadline=None)
@given(samples=st.integers(1, 5000), taps=st.integers(1, 5000), seed=st.integers(0, 99))
def test_convolution_is_linear_not_circular(samples: int, taps: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    clips, responses = random.standard_normal((2, samples)), random.standard_normal((2, taps))
    found = convolve(tf.constant(clips), tf.constant(responses))
    expected = fftconvolve(clips, responses, axes=1)[:, :samples]
    np.testing.assert_allclose(found, expected, atol=1e-9 * (1 + np.abs(expected).max()))


@pytest.mark.parametrize("level", [1.0, 0.3])
def test_a_unit_impulse_is_the_identity(ready: Ready, make_batch: MakeBatch, level: float) -> None:
    batch = make_batch("waveform")
    found = ready([0.5], level=level)(batch, seed=(1, 2))
    np.testing.assert_allclose(found["x"], batch["x"], atol=1e-5)


def test_level_is_the_share_of_the_convolved_sound(ready: Ready, make_batch: MakeBatch) -> None:
    batch = make_batch("waveform")
    dry = np.asarray(batch["x"], np.float64)
    wet = np.pad(dry, ((0, 0), (3, 0)))[:, :-3]
    wet *= np.sqrt(_energy(dry) / _energy(wet))[:, None]
    mixed = 0.75 * dry + 0.25 * wet
    mixed *= np.sqrt(_energy(dry) / _energy(mixed))[:, None]
    found = ready([0, 0, 0, 1], level=0.25)(batch, seed=(1, 2))
    np.testing.assert_allclose(found["x"], mixed, atol=1e-5)


def test_energy_and_labels_are_kept(
    responses: Path, context: TrainingContext, make_batch: MakeBatch
) -> None:
    batch = make_batch("waveform", 30)
    found = DeviceImpulseResponse(folder=responses).prepare(context)(batch, seed=(1, 2))
    np.testing.assert_allclose(_energy(found["x"]), _energy(batch["x"]), rtol=1e-4)
    for key in ("y", "device", "teacher", "weight"):
        np.testing.assert_array_equal(found[key], batch[key])


def test_every_response_is_drawn(
    responses: Path, context: TrainingContext, make_batch: MakeBatch
) -> None:
    batch = make_batch("waveform", 30)
    clips = np.asarray(batch["x"])
    found = DeviceImpulseResponse(folder=responses).prepare(context)(batch, seed=(1, 2))["x"]
    drawn = np.zeros(3, dtype=int)
    options = [soundfile.read(path)[0] for path in sorted(responses.glob("*.wav"))]
    for clip, changed in zip(clips, np.asarray(found), strict=True):
        expected = np.stack([np.convolve(clip, response)[: len(clip)] for response in options])
        expected *= np.sqrt(_energy(clip[None]) / _energy(expected))[:, None]
        distances = np.abs(expected - changed).max(axis=1)
        assert distances.min() < 1e-4
        drawn[distances.argmin()] += 1
    assert (drawn > 0).all()


def test_silence_stays_silence(ready: Ready) -> None:
    found = ready([1.0, 0.5], level=0.5)({"x": tf.zeros((2, 50))}, seed=(1, 2))
    np.testing.assert_array_equal(found["x"], np.zeros((2, 50)))


def test_only_clips_of_the_named_devices_change(ready: Ready, make_batch: MakeBatch) -> None:
    batch = make_batch("waveform", 9)
    found = ready([1.0, 0.9, -0.3], devices=("a", "s1"))(batch, seed=(1, 2))["x"]
    changed = np.any(np.asarray(found) != np.asarray(batch["x"]), axis=1)
    np.testing.assert_array_equal(changed, [True, False, True] * 3)


def test_named_devices_need_the_device_of_each_clip(ready: Ready, make_batch: MakeBatch) -> None:
    batch = make_batch("waveform")
    del batch["device"]
    with pytest.raises(ValueError, match="device_impulse_response needs the entry 'device'"):
        ready([1.0, 0.9], devices=("a",))(batch, seed=(1, 2))
    assert ready([1.0, 0.9])(batch, seed=(1, 2)).keys() == batch.keys()


def test_an_unknown_device_is_told(ready: Ready) -> None:
    with pytest.raises(DataError, match=r"names 's9'.*choose among a, b, s1"):
        ready([1.0], devices=("a", "s9"))


def test_preparing_leaves_the_recipe_as_it_is(
    responses: Path, context: TrainingContext, make_batch: MakeBatch
) -> None:
    augment = DeviceImpulseResponse(folder=responses)
    augment.prepare(context)
    assert augment == DeviceImpulseResponse(folder=responses)
    with pytest.raises(RuntimeError, match="must be prepared"):
        augment(make_batch("waveform"), seed=(1, 2))


def test_a_missing_folder_is_told(tmp_path: Path, context: TrainingContext) -> None:
    with pytest.raises(DataError, match="none: no such folder"):
        DeviceImpulseResponse(folder=tmp_path / "none").prepare(context)


@pytest.mark.parametrize(
    "setting",
    [{"folder": None}, {"level": 0}, {"level": 1.1}, {"max_seconds": 0}, {"devices": []}],
)
def test_settings_out_of_range(setting: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(setting))):
        DeviceImpulseResponse.model_validate({"folder": "responses", **setting})
