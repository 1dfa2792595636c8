from collections.abc import Callable

import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.models import create_model
from dssd_tf.training.distillation.without_coarse import without_coarse


def test_logits_of_the_scenes_stay(network: Callable[..., keras.Model], clips: tuple) -> None:
    large, small = network(1, outputs=7, norm=True), network(2, outputs=4, norm=True)
    cut = without_coarse(large, small)
    assert cut is small
    expected = large(clips[0])[:, :4]
    np.testing.assert_allclose(cut(clips[0]), expected, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dsmn_s", "dssdn_small", "cp_mobile", "baseline_2024"])
def test_networks_of_the_registry(name: str) -> None:
    shape = (44, 64, 2)
    large, small = (create_model(name, input_shape=shape, classes=n) for n in (13, 10))
    x = np.random.default_rng(0).standard_normal((2, *shape)).astype(np.float32)
    expected = large(x)[:, :10]
    np.testing.assert_allclose(without_coarse(large, small)(x), expected, atol=1e-5)


def test_another_network_is_refused(network: Callable[..., keras.Model]) -> None:
    with pytest.raises(ModelError, match=r"coarse\.head"):
        without_coarse(network(1, outputs=7, width=3), network(2, outputs=4, width=5))
    with pytest.raises(ModelError, match=r"coarse\.head"):
        without_coarse(network(1, outputs=7, norm=True), network(2, outputs=4))
