"""Whether a difference of two systems may be chance: the paired permutation test."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_EXACT = 12
# Signs held at a time, 16 MB of float64.
_SIGNS = 2**21


@dataclass(frozen=True)
class PermutationTest:
    """The result of a test.

    Args:
        p_value: Two-sided: the share of permutations whose difference is at least as large.
        permutations: How many were looked at.
        exact: Whether these were all there are; else they were drawn, and the observed one
            counts as one more (Phipson and Smyth, "Permutation p-values should never be zero",
            2010).
    """

    p_value: float
    permutations: int
    exact: bool


def paired_permutation(
    differences: NDArray[np.float64], *, permutations: int, seed: int = 0
) -> PermutationTest:
    """Test whether a sum of paired differences is 0, by changing signs.

    If it does not matter which system is which, swapping both on a cluster, which changes the
    sign of its difference, gives a sum that was as likely (Good, "Permutation, parametric and
    bootstrap tests of hypotheses", 2005). All swaps are looked at where at most 12 clusters
    differ.

    Args:
        differences: Of each cluster, (clusters,).
        permutations: Drawn at random where there are more clusters.
        seed: Of the draws.
    """
    changing = differences[differences != 0]
    observed = abs(changing.sum())
    # Sums that are equal on paper must not differ by the rounding of their order.
    least = observed - 1e-12 * np.abs(changing).sum()
    if len(changing) <= _EXACT:
        numbers = np.arange(2 ** len(changing))
        swapped = (numbers[:, None] >> np.arange(len(changing))) & 1
        extreme = _extreme(swapped, changing, least)
        return PermutationTest(extreme / len(numbers), len(numbers), exact=True)
    random = np.random.default_rng([seed, 0x519])
    most, extreme = max(1, _SIGNS // len(changing)), 0
    for start in range(0, permutations, most):
        size = (min(most, permutations - start), len(changing))
        swapped = random.integers(2, size=size, dtype=np.uint8)
        extreme += _extreme(swapped, changing, least)
    return PermutationTest((extreme + 1) / (permutations + 1), permutations, exact=False)


def _extreme(swapped: NDArray[np.integer], differences: NDArray[np.float64], least: float) -> int:
    """How many rows of swaps (permutations, clusters) give a sum of at least `least`."""
    sums = differences.sum() - 2 * (swapped.astype(np.float64) @ differences)
    return int((np.abs(sums) >= least).sum())
