"""Augmentations on batches: each a configuration that can be applied."""

from dssd_tf.augmentation.mixup import Mixup

Augmentation = Mixup
"""What a recipe's `augmentation` list may hold: a union by `name` once there are several."""

__all__ = ["Augmentation", "Mixup"]
