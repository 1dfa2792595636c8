"""Reading layers of a network."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.training.distillation.feature_extractor import FeatureExtractor


def test_logits_and_layers_come_from_one_pass(
    network: Callable[..., keras.Model], clips: tuple
) -> None:
    model = network(norm=True)
    extractor = FeatureExtractor(model, ["conv", "norm", "conv"])
    logits, features = extractor(clips[0], training=False)
    np.testing.assert_allclose(logits, model(clips[0]), rtol=1e-6)
    np.testing.assert_allclose(
        features["conv"], model.get_layer("conv")(clips[0]), rtol=1e-5, atol=1e-6
    )
    assert extractor.shapes == {"conv": (None, 4, 6, 3), "norm": (None, 4, 6, 3)}


def test_an_unknown_layer_is_told_with_its_nearest(network: Callable[..., keras.Model]) -> None:
    with pytest.raises(ModelError, match="no layer 'convv' — did you mean conv"):
        FeatureExtractor(network(), ["convv"])


def test_a_network_that_is_not_functional_is_refused() -> None:
    class Subclassed(keras.Model):
        pass

    with pytest.raises(ModelError, match="not a functional network"):
        FeatureExtractor(Subclassed(name="other"), ["conv"])
