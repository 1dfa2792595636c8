from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    root = tmp_path / "recordings"
    root.mkdir()
    for index in range(3):
        noise = np.random.default_rng(index).normal(0, 0.1, 4410)
        soundfile.write(root / f"{index}.wav", noise, 44100)
    return root


@pytest.fixture
def cache(dssd: Callable, recordings: Path, tmp_path: Path) -> Path:
    """A cache of features and waveforms of three clips."""
    folder = tmp_path / "cache"
    command = ("data", "prepare", "--root", recordings, "--cache", folder)
    command += ("--set", "data.clip_seconds=0.1", "--set", "features.hop_length=4096")
    for kind in ("features", "waveforms"):
        assert dssd(*command, "--kind", kind).code == 0
    return folder


def _entry(cache: Path, kind: str) -> Path:
    (entry,) = cache.glob(f"{kind}-*")
    return entry


def test_ls(dssd: Callable, cache: Path) -> None:
    result = dssd("data", "cache", "ls", cache)
    assert result.code == 0
    heading, *rows = result.out.splitlines()
    assert heading.split() == ["entry", "clips", "shards", "bytes", "leftovers", "settings"]
    entry = _entry(cache, "features")
    size = sum(p.stat().st_size for p in entry.rglob("*") if p.is_file())
    assert rows[0].split()[:5] == [entry.name, "3", "1", f"{size:,}", "0"]
    assert "256 mel bands" in rows[0]
    assert rows[1].startswith("waveforms-")
    assert result.err == ""
    (entry / ".shard-x.y.tmp").mkdir()
    assert "1 temporary folders" in dssd("data", "cache", "ls", cache).err


def test_verify(dssd: Callable, cache: Path, recordings: Path) -> None:
    good = dssd("data", "cache", "verify", cache, "--root", recordings)
    assert (good.code, good.out) == (0, "")
    assert "no faults" in good.err
    (path,) = _entry(cache, "waveforms").glob("shard-*/values.npy")
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    (recordings / "1.wav").unlink()
    bad = dssd("data", "cache", "verify", cache, "--root", recordings)
    assert bad.code == 1
    lines = bad.out.splitlines()
    assert len(lines) == 3
    assert any(line.startswith(f"{path}: ") for line in lines)
    assert sum("holds 1 clips that are not in" in line for line in lines) == 2
    assert "3 faults" in bad.err
    assert dssd("data", "cache", "verify", cache, "--root", cache / "none").code == 2


def test_clear_asks(dssd: Callable, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = _entry(cache, "waveforms")
    refused = dssd("data", "cache", "clear", cache)
    assert refused.code == 2
    assert "--yes" in refused.line
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer, left in (("", 2), ("n", 2), ("y", 1)):
        monkeypatch.setattr("builtins.input", lambda prompt, answer=answer: answer)
        assert dssd("data", "cache", "clear", cache, entry.name[:12]).code == 0
        assert len(list(cache.glob("*-*"))) == left
    assert not entry.exists()
    assert dssd("data", "cache", "clear", cache, "--yes").code == 0
    assert [p.name for p in cache.iterdir()] == ["CACHEDIR.TAG"]
    empty = dssd("data", "cache", "ls", cache)
    assert (empty.code, empty.out) == (0, "")
    assert "no entries" in empty.err


@pytest.mark.parametrize("action", ["ls", "verify", "clear"])
def test_a_folder_that_is_no_cache_is_left_alone(
    dssd: Callable, tmp_path: Path, action: str
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    options = ["--yes"] if action == "clear" else []
    result = dssd("data", "cache", action, tmp_path, *options)
    assert result.code == 2
    assert f"{tmp_path}: is not a cache of dssd_tf" in result.line
    assert (tmp_path / "thesis.txt").is_file()
