"""What holds for every augmentation."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from pydantic import ValidationError

from dssd_tf.augmentation import BatchAugmentation, Gain, Mixup

MakeBatch = Callable[..., dict[str, Any]]
SEED = (3, 4)


def _assert_equal(one: dict[str, Any], other: dict[str, Any], tolerance: float = 0.0) -> None:
    assert one.keys() == other.keys()
    for key in one:
        np.testing.assert_allclose(one[key], other[key], rtol=tolerance, atol=tolerance)


def test_the_seed_decides(augment: BatchAugmentation, make_batch: MakeBatch) -> None:
    batch = make_batch(augment.domain)
    first = augment(batch, seed=tf.constant(SEED))
    assert not np.array_equal(first["x"], batch["x"])
    _assert_equal(augment(batch, seed=tf.constant(SEED)), first)
    for other in ((3, 5), (4, 4)):
        assert not np.array_equal(augment(batch, seed=tf.constant(other))["x"], first["x"])


def test_the_given_batch_is_left_as_it_is(
    augment: BatchAugmentation, make_batch: MakeBatch
) -> None:
    batch = make_batch(augment.domain)
    augment(batch, seed=SEED)
    _assert_equal(batch, make_batch(augment.domain))


@pytest.mark.slow
def test_in_a_data_pipeline_of_unknown_batch_size_it_gives_the_same(
    augment: BatchAugmentation, make_batch: MakeBatch
) -> None:
    whole = make_batch(augment.domain, 11)
    dataset = tf.data.Dataset.from_tensor_slices(whole).batch(8)
    mapped = dataset.map(lambda batch: augment(batch, seed=tf.constant(SEED)))
    assert mapped.element_spec == dataset.element_spec
    found = list(mapped.as_numpy_iterator())
    assert [len(part["x"]) for part in found] == [8, 3]
    for start, part in zip((0, 8), found, strict=True):
        eager = augment(
            {key: value[start : start + 8] for key, value in whole.items()}, seed=tf.constant(SEED)
        )
        _assert_equal(part, eager, 1e-5)


def test_in_a_function_of_unknown_length_it_gives_the_same(
    augment: BatchAugmentation, make_batch: MakeBatch
) -> None:
    batch = make_batch(augment.domain)
    signature = {
        key: tf.TensorSpec([None] * value.shape.rank, value.dtype) for key, value in batch.items()
    }

    @tf.function(input_signature=[signature, tf.TensorSpec((2,), tf.int32)], autograph=False)
    def traced(batch: dict[str, Any], seed: Any) -> dict[str, Any]:
        return augment(batch, seed=seed)

    expected = augment(batch, seed=tf.constant(SEED))
    _assert_equal(traced(batch, tf.constant(SEED)), expected, 1e-5)


def test_a_batch_of_one(augment: BatchAugmentation, make_batch: MakeBatch) -> None:
    batch = make_batch(augment.domain, 1)
    found = augment(batch, seed=tf.constant(SEED))
    assert np.isfinite(found["x"]).all()
    np.testing.assert_allclose(found["y"], batch["y"], atol=1e-6)


def test_half_precision(augment: BatchAugmentation, make_batch: MakeBatch) -> None:
    batch = make_batch(augment.domain, dtype="float16")
    found = augment(batch, seed=tf.constant(SEED))
    assert found["x"].dtype == tf.float16
    exact = augment({**batch, "x": tf.cast(batch["x"], tf.float32)}, seed=tf.constant(SEED))
    np.testing.assert_allclose(found["x"], tf.cast(exact["x"], tf.float16), rtol=2e-3, atol=2e-3)


def test_with_probability_zero_nothing_changes(
    augment: BatchAugmentation, make_batch: MakeBatch
) -> None:
    batch = make_batch(augment.domain)
    never = augment.model_copy(update={"probability": 0.0})
    for seed in range(5):
        _assert_equal(never(batch, seed=(seed, 1)), batch)


def test_probability_is_the_share_that_changes(
    augment: BatchAugmentation, make_batch: MakeBatch
) -> None:
    per_batch = augment.name == "freq_mixstyle" or (
        isinstance(augment, Mixup) and not augment.per_clip
    )
    batch = make_batch(augment.domain, 12 if per_batch else 90)

    def changes(augment: BatchAugmentation) -> np.ndarray:
        """Whether each clip changes, (seeds, clips)."""
        traced = tf.function(lambda seed: augment(batch, seed=seed)["x"], autograph=False)
        found = np.stack([traced(tf.constant((seed, 9))) for seed in range(60 if per_batch else 3)])
        return (found != np.asarray(batch["x"])).any(axis=tuple(range(2, found.ndim)))

    half = changes(augment.model_copy(update={"probability": 0.5}))
    # Some clips are their own partner, are rolled by none, or are not of the reference device:
    # the share is that among the clips that change at full probability.
    full = changes(augment)
    assert not (half & ~full).any()
    if per_batch:
        acted = half.any(axis=1)
        np.testing.assert_array_equal(half[acted], full[acted])
        half, full = acted, full.any(axis=1)
    # Four standard errors.
    assert abs(half.sum() / full.sum() - 0.5) < 4 * 0.5 / np.sqrt(full.sum())


def test_x_of_another_domain_is_refused(augment: BatchAugmentation, make_batch: MakeBatch) -> None:
    batch = make_batch(augment.domain)
    with pytest.raises(ValueError, match=rf"{augment.name} expects x as \(batch, "):
        augment({**batch, "x": batch["x"][..., None]}, seed=SEED)


def test_it_says_what_it_is(augment: BatchAugmentation) -> None:
    assert augment.describe()
    assert "\n" not in augment.describe()


@pytest.mark.parametrize(
    ("first", "last", "acting"),
    [(1, None, [1, 2, 3, 4, 5]), (3, None, [3, 4, 5]), (2, 4, [2, 3, 4]), (5, 5, [5])],
)
def test_epochs(first: int, last: int | None, acting: list[int]) -> None:
    augment = Gain(from_epoch=first, until_epoch=last)
    assert [epoch for epoch in range(1, 6) if augment.active(epoch)] == acting


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"probability": -0.1}, "probability"),
        ({"probability": 1.1}, "probability"),
        ({"from_epoch": 0}, "from_epoch"),
        ({"until_epoch": 0}, "until_epoch"),
        ({"from_epoch": 5, "until_epoch": 4}, "until_epoch 4 is before from_epoch 5"),
    ],
)
def test_settings_out_of_range(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Gain.model_validate(settings)


def test_the_base_alone_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        BatchAugmentation(name="base")  # type: ignore[abstract]
