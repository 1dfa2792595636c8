import numpy as np
import pytest

from dssd_tf.augmentation import Mixup
from dssd_tf.training.clip_table import ClipTable


def test_it_has_the_clips_that_are_named(clips):
    table = clips(10, 1)
    some = ClipTable(table.store, ["7", "2"], np.array([1, 2]), 3)
    assert len(some) == 2
    ((x, y),) = some.batches(4).as_numpy_iterator()
    np.testing.assert_array_equal(x, table.store.features[[7, 2]])
    np.testing.assert_array_equal(y.argmax(axis=1), [1, 2])


@pytest.mark.parametrize(("size", "steps"), [(3, 4), (5, 2), (10, 1), (11, 1)])
def test_steps_are_the_batches_of_a_pass(clips, size, steps):
    table = clips(10, 1)
    assert table.steps(size) == steps == len(list(table.batches(size)))


def test_a_seed_shuffles_by_epoch(clips):
    table = clips(30, 1)

    def labels(**settings):
        return [int(n) for _, y in table.batches(8, **settings) for n in np.argmax(y, axis=1)]

    plain = labels()
    first, second, again = (labels(seed=1, epoch=epoch) for epoch in (1, 2, 1))
    assert plain == [i % 3 for i in range(30)]
    assert first == again != second
    assert sorted(first) == sorted(plain) and plain not in (first, second)


def test_two_workers_read_their_parts_of_the_same_batches(clips):
    table = clips(19, 1)
    assert table.sizes(8) == [8, 8, 3]
    settings = {"seed": 1, "epoch": 2}

    def second_half(clips):
        return slice(clips // 2, clips)

    whole = [x for x, _ in table.batches(8, **settings).as_numpy_iterator()]
    half = table.batches(8, **settings, part=second_half).as_numpy_iterator()
    for (x, _), batch in zip(half, whole, strict=True):
        np.testing.assert_array_equal(x, batch[len(batch) // 2 :])


def test_a_further_worker_augments_by_numbers_of_its_own(clips):
    table = clips(8, 1)

    def mixed(worker):
        batches = table.batches(8, augmentation=[Mixup(alpha=0.4)], seed=1, worker=worker)
        ((x, _),) = batches.as_numpy_iterator()
        return x

    np.testing.assert_array_equal(mixed(1), mixed(1))
    assert not np.array_equal(mixed(0), mixed(1))
    assert not np.array_equal(mixed(1), mixed(2))
