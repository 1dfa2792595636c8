"""From prepared clips to what the network is trained on."""

from collections.abc import Sequence
from typing import Any

from dssd_tf.augmentation import (
    DOMAINS,
    BatchAugmentation,
    Domain,
    active_places,
    apply_all,
)
from dssd_tf.errors import RunError
from dssd_tf.features import LogMelConfig
from dssd_tf.training.distillation.elements import fit_element


def input_pipeline(
    batches: Any,
    stored: Domain,
    front_end: LogMelConfig | None,
    *,
    augmentation: Sequence[BatchAugmentation] = (),
    seed: int | None = None,
    epoch: int = 1,
    first_batch: int = 0,
    traces: dict[Any, Any] | None = None,
) -> Any:
    """A `tf.data.Dataset` of elements for `fit` from one of `make_batches`.

    A clip passes through the domains in order: waveform, raw log-mel, features; in each, the
    augmentations of that domain act. What they draw follows from `seed`, `epoch` and the number
    of the batch alone: a pass can be taken up at any batch.

    An element is (features, labels), with the clips' weights as a third where there are any, and
    stored logits beside the features, see `fit_element`. Features are (batch, time, frequency,
    channels) float32, labels (batch, classes) float32.

    Args:
        batches: Dictionaries as `make_batches` gives them.
        stored: The domain of their ``x``.
        front_end: What makes features of waveforms or log-mels; not needed for features.
        augmentation: The recipe's list, prepared.
        seed: Of the augmentation; None: nothing is augmented.
        epoch: Counted from 1.
        first_batch: Number in its pass of the first of `batches`, from 0.
        traces: What earlier calls with the same other arguments but for `epoch` and
            `first_batch` have traced, which takes seconds; added to.

    Raises:
        RunError: An augmentation acts on a domain that `stored` has left behind.
    """
    passed = DOMAINS[DOMAINS.index(stored) :]
    behind = [augment for augment in augmentation if augment.domain not in passed]
    if behind:
        raise RunError(
            f"augmentation {behind[0].name!r} acts on {behind[0].domain}, but the prepared clips "
            f"are {stored}",
            fix="take it out of the recipe's augmentation",
        )
    import tensorflow as tf

    places = () if seed is None else active_places(augmentation, epoch)
    steps_up = _steps_up(front_end)

    def apply(step: Any, epoch: Any, batch: dict[str, Any]) -> tuple[Any, ...]:
        for domain in passed:
            if seed is not None:
                batch = apply_all(
                    augmentation,
                    batch,
                    seed=seed,
                    epoch=epoch,
                    domain=domain,
                    step=step,
                    places=places,
                )
            if domain != DOMAINS[-1]:
                batch = {**batch, "x": steps_up[domain](batch["x"])}
        return fit_element(batch)

    traces = {} if traces is None else traces
    traced = traces.setdefault(places, tf.function(apply, autograph=False))
    numbered, number = batches.enumerate(start=first_batch), tf.constant(epoch)
    return numbered.map(
        lambda step, batch: traced(step, number, batch),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    ).prefetch(2)


def _steps_up(front_end: LogMelConfig | None) -> dict[str, Any]:
    """What makes the next domain's ``x`` of each domain's."""
    if front_end is None:
        return {}
    from dssd_tf.features.log_mel_layer import FinishFeatures, LogMelSpectrogram

    return {
        "waveform": LogMelSpectrogram.from_config_object(front_end).log_mel,
        "log_mel": FinishFeatures.from_config_object(front_end),
    }
