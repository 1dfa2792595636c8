from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.data import synthesis
from dssd_tf.data.synthesis import SynthesisSize
from dssd_tf.data.synthesis.size import FoldSize


@pytest.fixture
def smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command renders the smallest set, not the default of a thousand clips."""
    render, one = synthesis.synthesize, FoldSize(1, 1, 1)
    size = SynthesisSize(cities=1, clips=1, train=one, test=one, evaluation=one)
    monkeypatch.setattr(
        synthesis, "synthesize", lambda root, *, seed: render(root, seed=seed, size=size)
    )


def test_a_set_is_made_where_there_is_none(dssd: Callable, smallest: None, tmp_path: Path) -> None:
    root = tmp_path / "set"
    result = dssd("data", "synthesize", root, "--if-missing")
    assert result.code == 0
    assert str(root) in result.err
    assert (root / "meta.csv").is_file()
    assert len(list((root / "audio").glob("*.wav"))) == 20


def test_if_missing_leaves_a_set_as_it_is(dssd: Callable, copied_set: Path) -> None:
    before = sorted((p.name, p.stat().st_mtime_ns) for p in copied_set.rglob("*"))
    result = dssd("data", "synthesize", copied_set, "--if-missing")
    assert result.code == 0
    assert "holds a set already" in result.err
    assert sorted((p.name, p.stat().st_mtime_ns) for p in copied_set.rglob("*")) == before


@pytest.mark.parametrize("flags", [[], ["--if-missing"]])
def test_a_folder_of_something_else_is_refused(
    dssd: Callable, tmp_path: Path, flags: list[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    result = dssd("data", "synthesize", tmp_path, *flags)
    assert result.code == 2
    assert f"{tmp_path}: is not empty" in result.line
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_negative_seed_is_refused(dssd: Callable, tmp_path: Path) -> None:
    result = dssd("data", "synthesize", tmp_path / "set", "--seed", "-1")
    assert result.code == 2
    assert "-1" in result.line
    assert not (tmp_path / "set").exists()
