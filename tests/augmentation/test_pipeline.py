from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.augmentation import (
    DeviceImpulseResponse,
    DeviceSpectrumModulation,
    FreqMixStyle,
    Gain,
    Mixup,
    SpecAugment,
    TimeRoll,
    TrainingContext,
    active_places,
    apply_all,
    ordered_domains,
    prepare_all,
)

MakeBatch = Callable[..., dict[str, Any]]
IMPULSE = DeviceImpulseResponse(folder=Path("responses"))


@pytest.mark.parametrize(
    ("augmentations", "domains"),
    [
        ([], ()),
        ([Mixup()], ("features",)),
        ([Gain(), TimeRoll(), Mixup(), SpecAugment()], ("log_mel", "features")),
        ([IMPULSE, Mixup()], ("waveform", "features")),
        ([IMPULSE, FreqMixStyle(), Mixup()], ("waveform", "log_mel", "features")),
    ],
)
def test_domains_in_order(augmentations: list[Any], domains: tuple[str, ...]) -> None:
    assert ordered_domains(augmentations) == domains


@pytest.mark.parametrize(
    ("augmentations", "message"),
    [
        (
            [Mixup(), Gain()],
            r"gain \(acts on log_mel\) must stand before mixup \(acts on features\); "
            "the order is waveform, log_mel, features",
        ),
        ([Gain(), IMPULSE], "device_impulse_response .* before gain"),
        ([IMPULSE, SpecAugment(), Mixup(), TimeRoll()], "time_roll .* before mixup"),
    ],
)
def test_domains_out_of_order_are_refused(augmentations: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ordered_domains(augmentations)


def test_there_are_places_for_64() -> None:
    assert ordered_domains([Gain()] * 64) == ("log_mel",)
    with pytest.raises(ValueError, match="at most 64 augmentations, found 65"):
        ordered_domains([Gain()] * 65)


def test_all_are_prepared(responses: Path, context: TrainingContext) -> None:
    given = [DeviceImpulseResponse(folder=responses), DeviceSpectrumModulation(), Mixup()]
    prepared = prepare_all(given, context)
    assert [augment.name for augment in prepared] == [augment.name for augment in given]
    assert prepared[1].spectra is not None  # type: ignore[attr-defined]
    assert prepared[2] is given[2]


def _apply(augmentations: list[Any], batch: dict[str, Any], **changes: Any) -> np.ndarray:
    settings = {"seed": 5, "epoch": 2, "domain": "log_mel", "step": tf.constant(3, tf.int64)}
    return np.asarray(apply_all(augmentations, batch, **(settings | changes))["x"])


def test_seeds_follow_from_seed_epoch_place_and_step(make_batch: MakeBatch) -> None:
    batch = make_batch("log_mel")
    augmentations = [TimeRoll(), Gain()]
    expected = batch
    for index, augment in enumerate(augmentations):
        key = tf.random.fold_in([5, 2 * 64 + index], tf.constant(3, tf.int64))
        expected = augment(expected, seed=key)
    found = _apply(augmentations, batch)
    np.testing.assert_array_equal(found, expected["x"])
    for changes in ({"seed": 6}, {"epoch": 3}, {"step": tf.constant(4, tf.int64)}):
        assert not np.array_equal(_apply(augmentations, batch, **changes), found)
    assert not np.array_equal(_apply([Gain()], batch), _apply([IMPULSE, Gain()], batch))


def test_other_domains_and_epochs_are_left_out(make_batch: MakeBatch) -> None:
    batch = make_batch("log_mel")
    idle = [
        IMPULSE,
        Gain(from_epoch=3),
        TimeRoll(until_epoch=1),
        DeviceSpectrumModulation(until_epoch=1),
        Mixup(),
    ]
    np.testing.assert_array_equal(_apply(idle, batch), batch["x"])
    assert not np.array_equal(_apply(idle, batch, epoch=3), batch["x"])


def test_a_clip_passes_through_every_domain(
    responses: Path, context: TrainingContext, make_batch: MakeBatch
) -> None:
    augmentations = prepare_all(
        [
            DeviceImpulseResponse(folder=responses),
            DeviceSpectrumModulation(),
            FreqMixStyle(probability=1),
            SpecAugment(),
            Mixup(alpha=1.0),
        ],
        context,
    )

    def road(step: Any, batch: dict[str, Any]) -> dict[str, Any]:
        batch = apply_all(augmentations, batch, seed=1, epoch=1, domain="waveform", step=step)
        frames = tf.reshape(batch["x"][:, :60], (-1, 10, 6))
        batch = {**batch, "x": tf.math.log(frames**2 + 1e-3)}
        batch = apply_all(augmentations, batch, seed=1, epoch=1, domain="log_mel", step=step)
        batch = {**batch, "x": batch["x"][..., None]}
        return apply_all(augmentations, batch, seed=1, epoch=1, domain="features", step=step)

    dataset = tf.data.Dataset.from_tensor_slices(make_batch("waveform", 11)).batch(8)
    mapped = dataset.enumerate().map(road)
    runs = [list(mapped.as_numpy_iterator()) for _ in range(2)]
    assert [part["x"].shape for part in runs[0]] == [(8, 10, 6, 1), (3, 10, 6, 1)]
    for one, other in zip(*runs, strict=True):
        assert np.isfinite(one["x"]).all()
        np.testing.assert_allclose(one["y"].sum(axis=1), 1, atol=1e-6)
        for key in one:
            np.testing.assert_array_equal(one[key], other[key])


def test_an_epoch_given_as_a_tensor_draws_the_same(make_batch: MakeBatch) -> None:
    augmentations = (Gain(until_epoch=2), Gain(from_epoch=2), Mixup(from_epoch=4))
    batch = make_batch("log_mel")
    assert active_places(augmentations, 3) == (1,)
    given = {"seed": 5, "domain": "log_mel", "step": tf.constant(7)}
    expected = apply_all(augmentations, batch, epoch=3, **given)
    found = apply_all(augmentations, batch, epoch=tf.constant(3), places=(1,), **given)
    np.testing.assert_array_equal(found["x"], expected["x"])
    assert not np.array_equal(expected["x"], batch["x"])
