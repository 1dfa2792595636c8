import itertools

import numpy as np
import pytest
import scipy.stats

from dssd_tf.evaluation import permutation
from dssd_tf.evaluation.permutation import paired_permutation


def test_all_swaps_of_few_clusters() -> None:
    differences = np.array([0.3, -0.1, 0.2, 0.25, 0.05])
    found = paired_permutation(differences, permutations=10)
    sums = [abs(np.dot(s, differences)) for s in itertools.product((1, -1), repeat=5)]
    assert found.exact and found.permutations == 32
    assert found.p_value == sum(s >= 0.7 - 1e-9 for s in sums) / 32


@pytest.mark.parametrize("clusters", [8, 12])
def test_it_is_that_of_scipy(clusters: int) -> None:
    differences = np.random.default_rng(clusters).normal(0.3, 1, clusters)
    expected = scipy.stats.permutation_test(
        (differences, np.zeros(clusters)),
        lambda a, b, axis: (a - b).mean(axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
        vectorized=True,
    )
    found = paired_permutation(differences, permutations=10)
    assert found.p_value == pytest.approx(expected.pvalue)


def test_clusters_without_a_difference_do_not_count() -> None:
    differences = np.array([0.3, 0.1, 0.2])
    padded = np.concatenate([differences, np.zeros(100)])
    found = paired_permutation(padded, permutations=10)
    assert found == paired_permutation(differences, permutations=10)
    assert found.exact and found.p_value == 0.25


@pytest.mark.parametrize("clusters", [0, 5, 100])
def test_no_difference_at_all(clusters: int) -> None:
    found = paired_permutation(np.zeros(clusters), permutations=10)
    assert found.p_value == 1 and found.exact


def test_sums_that_are_equal_on_paper_count_as_equal() -> None:
    """0.1 + 0.2 - 0.4 and 0.4 - 0.2 - 0.1 differ as floats, as 0.1 + 0.2 and 0.3 do."""
    found = paired_permutation(np.array([0.1, 0.2, -0.3]), permutations=10)
    assert found.p_value == 1  # the observed sum is 0 but for rounding
    found = paired_permutation(np.array([0.1, 0.2, -0.4]), permutations=10)
    assert found.p_value == 1  # 0.1 is the least of 0.7, 0.5, 0.3 and 0.1


def test_random_swaps_come_near_to_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    differences = np.random.default_rng(2).normal(0.3, 1, 11)
    exact = paired_permutation(differences, permutations=10).p_value
    monkeypatch.setattr(permutation, "_EXACT", 3)
    drawn = paired_permutation(differences, permutations=20_000, seed=1)
    assert not drawn.exact and drawn.permutations == 20_000
    assert drawn.p_value == pytest.approx(exact, abs=0.015)
    assert drawn == paired_permutation(differences, permutations=20_000, seed=1)
    assert drawn != paired_permutation(differences, permutations=20_000, seed=2)


def test_a_drawn_p_value_is_never_zero() -> None:
    found = paired_permutation(np.ones(60), permutations=99)
    assert found.p_value == pytest.approx(1 / 100)


def test_parts_take_every_permutation(monkeypatch: pytest.MonkeyPatch) -> None:
    """An odd number of ones sums to 1 at least: every swap counts, and none twice."""
    monkeypatch.setattr(permutation, "_SIGNS", 21 * 7)
    found = paired_permutation(np.array([1.0] * 11 + [-1.0] * 10), permutations=101)
    assert found.p_value == 1
    assert paired_permutation(np.ones(21), permutations=101).p_value == pytest.approx(1 / 102)


@pytest.mark.parametrize("clusters", [10, 40])
def test_p_values_are_uniform_where_there_is_no_difference(clusters: int) -> None:
    random = np.random.default_rng(5)
    draws = random.exponential(1, (400, clusters)) - random.exponential(1, (400, clusters))
    values = [
        paired_permutation(row, permutations=199, seed=seed).p_value
        for seed, row in enumerate(draws)
    ]
    assert scipy.stats.kstest(values, "uniform").pvalue > 0.01
    assert 0.02 <= np.mean(np.array(values) <= 0.05) <= 0.09


def test_a_clear_difference_is_found() -> None:
    differences = np.random.default_rng(0).normal(1, 0.5, 50)
    assert paired_permutation(differences, permutations=9999).p_value == pytest.approx(1e-4)
