import numpy as np
import pandas as pd
import pytest

from dssd_tf.errors import RecipeError
from dssd_tf.training.clip_weights import clip_weights

CLIPS = pd.DataFrame({"scene_label": ["bus"] * 6 + ["park"] * 2, "device": ["a"] * 4 + ["b"] * 4})


def _sums(weights: np.ndarray, column: str) -> np.ndarray:
    return pd.Series(weights).groupby(CLIPS[column].to_numpy()).sum().to_numpy()


def test_without_settings_there_are_none() -> None:
    assert clip_weights(CLIPS, None, None) is None
    assert clip_weights(CLIPS, {}, None) is None


def test_balanced_groups_have_the_same_sum() -> None:
    weights = clip_weights(CLIPS, "balanced", None)
    assert weights is not None and weights.dtype == np.float32
    np.testing.assert_allclose(_sums(weights, "scene_label"), [4, 4], rtol=1e-6)
    np.testing.assert_allclose(weights, [2 / 3] * 6 + [2] * 2, rtol=1e-6)


def test_class_and_device_are_multiplied_with_mean_1() -> None:
    weights = clip_weights(CLIPS, {"park": 3}, {"a": 0.5})
    assert weights is not None
    np.testing.assert_allclose(weights / weights[4], [0.5] * 4 + [1, 1, 3, 3], rtol=1e-6)
    assert weights.mean() == pytest.approx(1)


@pytest.mark.parametrize(
    ("by_class", "by_device", "reason"),
    [
        ({"tram": 2.0}, None, r"class_weight names 'tram'.*bus, park"),
        (None, {"s1": 2.0}, r"device_weight names 's1'.*a, b"),
        ({"bus": 0.0, "park": 0.0}, None, "every clip's weight 0"),
    ],
)
def test_wrong_weights(by_class: dict, by_device: dict, reason: str) -> None:
    with pytest.raises(RecipeError, match=reason):
        clip_weights(CLIPS, by_class, by_device)
