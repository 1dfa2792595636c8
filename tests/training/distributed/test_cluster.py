import json
from typing import Any

import pytest

from dssd_tf.errors import RunError
from dssd_tf.training.distributed.cluster import EXAMPLE, read_cluster

TWO = ["a:1", "b:2"]


def _read(cluster: Any, kind: Any = "worker", index: Any = 0) -> Any:
    text = json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})
    return read_cluster({"TF_CONFIG": text})


def test_the_example_in_the_error_is_right() -> None:
    cluster = read_cluster({"TF_CONFIG": EXAMPLE})
    assert cluster.addresses == ("host1:12345", "host2:12345")
    assert cluster.is_chief


def test_without_a_chief_the_first_worker_is_the_chief() -> None:
    assert _read({"worker": TWO}).is_chief
    second = _read({"worker": TWO}, index=1)
    assert second.index == 1 and not second.is_chief


def test_a_chief_comes_before_the_workers() -> None:
    cluster = {"worker": TWO, "chief": ["c:3"]}
    assert _read(cluster, "chief").is_chief
    first = _read(cluster, "worker", 0)
    assert first.addresses == ("c:3", "a:1", "b:2") and first.index == 1


@pytest.mark.parametrize("text", [None, "", " "])
def test_a_missing_variable_is_told_with_an_example(text: str | None) -> None:
    with pytest.raises(RunError, match="TF_CONFIG, which is not set") as caught:
        read_cluster({} if text is None else {"TF_CONFIG": text})
    assert EXAMPLE in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("cluster", "kind", "index", "message"),
    [
        ({"worker": ["a:1"]}, "worker", 0, "names 1 worker"),
        ({"worker": ["a:1", "a:1"]}, "worker", 0, "a worker twice"),
        ({"worker": TWO}, "worker", 2, "the index 2, but there are 2"),
        ({"worker": TWO}, "worker", "0", "the index '0'"),
        ({"worker": TWO}, "chief", 0, "the type 'chief'"),
        ({"worker": TWO, "ps": ["p:1"]}, "worker", 0, "the job 'ps'"),
        ({"worker": TWO, "chief": TWO}, "worker", 0, "names 2 chiefs"),
        ({"worker": ["a", "b:2"]}, "worker", 0, "'a' is not of the form host:port"),
        ({"worker": "a:1"}, "worker", 0, "is not a list"),
        ([], "worker", 0, "no 'cluster'"),
    ],
)
def test_what_is_wrong_is_named(cluster: Any, kind: Any, index: Any, message: str) -> None:
    with pytest.raises(RunError, match=message):
        _read(cluster, kind, index)


@pytest.mark.parametrize("text", ["{", "[]", '{"cluster": {"worker": ["a:1", "b:2"]}}'])
def test_broken_text_is_refused(text: str) -> None:
    with pytest.raises(RunError, match=r"not valid JSON|no 'cluster'|no 'task'"):
        read_cluster({"TF_CONFIG": text})
