"""Applying a recipe's list of augmentations."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from dssd_tf.augmentation.batch import Batch
from dssd_tf.augmentation.batch_augmentation import BatchAugmentation, Domain
from dssd_tf.augmentation.training_context import TrainingContext

DOMAINS: tuple[Domain, ...] = ("waveform", "log_mel", "features")
"""In the order in which a clip passes through them."""

_MOST = 64


def ordered_domains(augmentations: Sequence[BatchAugmentation]) -> tuple[Domain, ...]:
    """The domains the list needs, in the order of `DOMAINS`.

    Raises:
        ValueError: An augmentation stands after one of a later domain, or there are more than
            64 of them.
    """
    if len(augmentations) > _MOST:
        raise ValueError(f"at most {_MOST} augmentations, found {len(augmentations)}")
    for earlier, later in pairwise(augmentations):
        if DOMAINS.index(later.domain) < DOMAINS.index(earlier.domain):
            raise ValueError(
                f"{later.name} (acts on {later.domain}) must stand before {earlier.name} "
                f"(acts on {earlier.domain}); the order is {', '.join(DOMAINS)}"
            )
    used = {augment.domain for augment in augmentations}
    return tuple(domain for domain in DOMAINS if domain in used)


def prepare_all(
    augmentations: Sequence[BatchAugmentation], context: TrainingContext
) -> tuple[BatchAugmentation, ...]:
    """Each augmentation ready for use.

    Raises:
        DataError: The data has not what one of them needs.
    """
    return tuple(augment.prepare(context) for augment in augmentations)


def active_places(augmentations: Sequence[BatchAugmentation], epoch: int) -> tuple[int, ...]:
    """Places in the list of those that act in `epoch`, counted from 1."""
    return tuple(i for i, augment in enumerate(augmentations) if augment.active(epoch))


def apply_all(
    augmentations: Sequence[BatchAugmentation],
    batch: Batch,
    *,
    seed: int,
    epoch: Any,
    domain: Domain,
    step: Any,
    places: Sequence[int] | None = None,
) -> Batch:
    """Apply those of one domain that act in this epoch, in the order of the list.

    The random numbers follow from `seed`, `epoch`, the place in the list and `step` alone, so a
    training that goes on after an interruption sees what it would have seen.

    Args:
        augmentations: The whole list of the recipe, prepared; those of other domains are
            skipped here, but count for the place in the list.
        batch: See `Batch`.
        seed: The recipe's.
        epoch: Counted from 1; a scalar integer tensor only together with `places`.
        domain: What ``x`` of the batch is.
        step: Number of the batch in the epoch, a scalar integer tensor.
        places: Those of the list that act; None: see `active_places`.
    """
    import tensorflow as tf

    for index in active_places(augmentations, epoch) if places is None else places:
        augment = augmentations[index]
        if augment.domain == domain:
            key = tf.random.fold_in([seed, epoch * _MOST + index], step)
            batch = augment(batch, seed=key)
    return batch
