import functools
import os
from pathlib import Path

import pytest

from dssd_tf.data.processes import available_cores, end_if_stopped, in_processes
from dssd_tf.errors import DataError


def test_there_is_a_core() -> None:
    assert 1 <= available_cores() <= (os.cpu_count() or 1)


def test_outside_a_worker_nothing_is_stopped() -> None:
    end_if_stopped()


@pytest.mark.slow
def test_every_item_comes_back_with_its_result() -> None:
    names = ["a", "b", "c", "d", "e"]
    assert dict(in_processes(str.upper, names, 2)) == {name: name.upper() for name in names}
    work = functools.partial(os.path.join, "top")
    assert dict(in_processes(work, ["x"], 2)) == {"x": "top/x"}


@pytest.mark.slow
def test_an_error_of_the_work_is_raised_here(tmp_path: Path) -> None:
    from dssd_tf.data.cache.clip_file import file_digest

    with pytest.raises(DataError, match=r"none\.wav"):
        list(in_processes(file_digest, [tmp_path / "none.wav"], 2))
