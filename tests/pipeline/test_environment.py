import datetime
import json
import os
import platform

import keras
import numpy as np
import pytest

from dssd_tf.pipeline import environment
from dssd_tf.pipeline.environment import describe_environment
from dssd_tf.version import __version__


def test_versions_are_those_of_this_process() -> None:
    described = json.loads(json.dumps(describe_environment()))
    assert described["python"] == platform.python_version()
    assert described["cpu_count"] == os.cpu_count()
    assert described["packages"]["dssd_tf"] == __version__
    assert described["packages"]["keras"] == keras.__version__
    assert described["packages"]["numpy"] == np.__version__
    assert described["processor"]
    assert datetime.datetime.fromisoformat(described["started"]).utcoffset() is not None


def test_git_state_is_a_commit_or_nothing() -> None:
    state = describe_environment()["git"]
    if state is not None:
        assert len(bytes.fromhex(state["commit"])) in (20, 32)
        assert isinstance(state["dirty"], bool)


def test_without_git_the_state_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_git(*arguments: object, **options: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(environment.subprocess, "run", no_git)
    assert describe_environment()["git"] is None
