import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dssd_tf.augmentation.draws import beta, chosen, partners

SEEDS = [[1, 2], [3, 4]]


@settings(max_examples=20, deadline=None)
@given(clips=st.integers(1, 40), seed=st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 99)))
def test_partners_are_a_permutation(clips: int, seed: tuple[int, int]) -> None:
    assert sorted(np.asarray(partners(clips, seed))) == list(range(clips))


@pytest.mark.parametrize(("probability", "low", "high"), [(0, 0, 0), (1, 1, 1), (0.3, 0.26, 0.34)])
def test_chosen(probability: float, low: float, high: float) -> None:
    assert low <= np.mean(chosen([2000], probability, (5, 6))) <= high


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_beta_is_distributed_so(alpha: float) -> None:
    drawn = np.asarray(beta([2000], alpha, SEEDS))
    assert stats.kstest(drawn, stats.beta(alpha, alpha).cdf).pvalue > 1e-3


@pytest.mark.parametrize("alpha", [1e-30, 1e-3, 1e6])
def test_extreme_beta_stays_in_range(alpha: float) -> None:
    drawn = np.asarray(beta([500], alpha, SEEDS))
    assert ((drawn >= 0) & (drawn <= 1)).all()
