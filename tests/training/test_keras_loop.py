from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from dssd_tf.training.clip_table import ClipTable
from dssd_tf.training.keras_loop import KerasLoop


@pytest.fixture
def compiled(make_model: Callable[[], keras.Model]) -> Callable[..., keras.Model]:
    def make(**options: Any) -> keras.Model:
        keras.utils.set_random_seed(0)
        model = make_model()
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(0.1, **options), loss, metrics=["accuracy"])
        return model

    return make


def test_it_gives_the_means_and_tells_of_each_batch(
    compiled: Callable[..., keras.Model], clips: Callable[..., ClipTable]
) -> None:
    loop, seen = KerasLoop(compiled()), []
    table = clips(19, 1)
    means = loop.fit(table.batches(8), table.sizes(8), lambda *told: seen.append(told))
    assert [batch for batch, _ in seen] == [0, 1, 2]
    assert seen[-1][1] == pytest.approx(means["loss"])
    scores = loop.evaluate(table.batches(8), table.sizes(8))
    assert set(means) == set(scores) == {"loss", "accuracy"}


@pytest.mark.slow
def test_training_goes_on_from_the_weights_and_not_from_their_average(
    compiled: Callable[..., keras.Model], clips: Callable[..., ClipTable]
) -> None:
    """An average that is only looked at changes nothing."""
    table = clips(16, 1)
    models = [compiled(), compiled(use_ema=True, ema_momentum=0.9)]
    for model in models:
        for epoch in range(2):
            # Keras draws dropout masks from the state of the generators.
            for variable in model.variables:
                if variable.path.endswith("seed_generator_state"):
                    variable.assign(np.array([epoch, 0], np.uint32))
            KerasLoop(model).fit(table.batches(8), table.sizes(8), lambda batch, loss: None)
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
