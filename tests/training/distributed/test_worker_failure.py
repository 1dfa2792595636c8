import pytest
import tensorflow as tf

from dssd_tf.errors import RunError
from dssd_tf.training.distributed.worker_failure import worker_failure


def test_a_lost_worker_is_told_in_one_line() -> None:
    with (
        pytest.raises(RunError, match=r"another worker has ended, .*--resume") as caught,
        worker_failure(2),
    ):
        raise tf.errors.UnavailableError(None, None, "the task\nis unhealthy")
    assert "\n" not in str(caught.value)


def test_other_errors_stay() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError), worker_failure(2):
        raise tf.errors.InvalidArgumentError(None, None, "shapes")
    with pytest.raises(tf.errors.UnavailableError), worker_failure(1):
        raise tf.errors.UnavailableError(None, None, "no worker is concerned")
