"""Batches as elements for fit, and mixup on stored logits."""

import numpy as np
import tensorflow as tf

from dssd_tf.augmentation import Mixup
from dssd_tf.training.distillation.elements import fit_element, split_inputs


def _batch() -> dict[str, tf.Tensor]:
    random = np.random.default_rng(0)
    return {
        "x": tf.constant(random.standard_normal((6, 3, 4, 1)), tf.float32),
        "y": tf.one_hot([0, 1, 2, 0, 1, 2], 3),
        "device": tf.zeros(6, tf.int32),
    }


def test_entries_that_are_not_there_are_left_out() -> None:
    batch = _batch()
    assert fit_element(batch) == (batch["x"], batch["y"])
    full = {**batch, "teacher": tf.zeros((6, 3)), "weight": tf.ones(6)}
    inputs, labels, weight = fit_element(full)
    assert labels is full["y"] and weight is full["weight"]
    assert split_inputs(inputs) == (full["x"], full["teacher"])
    assert split_inputs(batch["x"]) == (batch["x"], None)


def test_mixup_blends_stored_logits_as_it_blends_labels() -> None:
    batch = _batch()
    # Logits that are the labels themselves, of two teachers, must stay so through mixup.
    batch["teacher"] = tf.stack([batch["y"], 5 * batch["y"]], axis=1)
    mixed = Mixup(alpha=1.0)(batch, seed=tf.constant([1, 2]))
    inputs, labels = fit_element(mixed)
    assert 0 < np.abs(labels - batch["y"]).max() < 1
    np.testing.assert_allclose(inputs["teacher"][:, 0], labels, rtol=1e-6)
    np.testing.assert_allclose(inputs["teacher"][:, 1], 5 * labels, rtol=1e-6)
