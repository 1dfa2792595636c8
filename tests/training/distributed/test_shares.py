import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dssd_tf.training.distributed.shares import (
    local_bounds,
    share_bounds,
    share_weights,
    worker_part,
)


def test_shares_are_even_and_the_first_ones_larger() -> None:
    assert share_bounds(8, 2).tolist() == [[0, 4], [4, 8]]
    assert share_bounds(8, 3).tolist() == [[0, 3], [3, 6], [6, 8]]
    assert share_weights(3, 2).tolist() == pytest.approx([2 / 3, 1 / 3])


def test_a_batch_smaller_than_the_replicas_goes_to_each_whole() -> None:
    assert share_bounds(2, 3).tolist() == [[0, 2]] * 3
    assert share_weights(2, 3).tolist() == pytest.approx([1 / 3] * 3)


@given(clips=st.integers(1, 70), workers=st.integers(1, 5), own=st.integers(1, 4))
def test_the_weighted_means_of_the_shares_make_the_mean_of_the_batch(
    clips: int, workers: int, own: int
) -> None:
    replicas = workers * own
    values = np.random.default_rng(clips).standard_normal(clips)
    weights = share_weights(clips, replicas)
    mean = 0.0
    for worker in range(workers):
        read = values[worker_part(clips, worker, workers, replicas)]
        for local, (start, end) in enumerate(local_bounds(clips, worker, workers, replicas)):
            assert 0 <= start < end <= len(read)
            mean += read[start:end].mean() * weights[worker * own + local]
    assert mean == pytest.approx(values.mean(), abs=1e-6)
