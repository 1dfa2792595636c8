"""The mean of teachers."""

import numpy as np
import pytest
from scipy.special import log_softmax

from dssd_tf.errors import ModelError
from dssd_tf.training.distillation.ensemble import softened


@pytest.mark.parametrize("average", ["logits", "probabilities"])
def test_the_mean_of_one_teacher_is_its_own_distribution(average: str) -> None:
    logits = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    expected = log_softmax(logits / 2, axis=-1)
    for given in (logits, logits[:, None], np.stack([logits, logits], axis=1)):
        found = softened(np.asarray(given), 2.0, average=average)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_wrong_number_of_weights_is_told() -> None:
    with pytest.raises(ModelError, match="2 teacher weights for 3 teachers"):
        softened(np.zeros((4, 3, 5), np.float32), weights=(1.0, 2.0))
