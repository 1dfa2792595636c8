import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

_SMALL = ("--set", "features.n_mels=16", "--set", "features.n_fft=512")
_SMALL += ("--set", "features.win_length=512", "--set", "features.hop_length=4096")


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Six short recordings in two folders, and a file of another kind."""
    root = tmp_path / "recordings"
    for index in range(6):
        folder = root / f"day{index % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(index).normal(0, 0.1, 4410)
        soundfile.write(folder / f"{index}.{'wav' if index else 'flac'}", noise, 44100)
    (root / "notes.txt").write_text("x")
    return root


def test_what_is_prepared_is_what_a_run_reads(
    dssd: Callable, write_recipe: Callable, synthetic_set: Path, tmp_path: Path
) -> None:
    recipe = write_recipe()
    cache = tmp_path / "feature_cache"
    options = ("--data", synthetic_set, "--cache", cache)
    result = dssd("data", "prepare", recipe, *options, "--workers", 1)
    assert result.code == 0
    told = result.err.splitlines()
    assert told[0].startswith("the fold: 40 clips, 40 computed in ")
    assert "clips/s" in told[0]
    assert "bytes)" in told[0]
    assert told[1].startswith("the evaluation set: 10 clips, 10 computed in ")
    (entry,) = cache.glob("features-*")
    assert told[0].endswith(f"; {entry}")
    before = sorted(p.name for p in entry.iterdir())
    again = dssd("data", "prepare", recipe, *options)
    assert again.err.count("none had to be computed") == 2
    from dssd_tf.data import ClipReader
    from dssd_tf.pipeline import Workspace
    from dssd_tf.recipe import load_recipe

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClipReader, "__call__", lambda *_: pytest.fail("a clip was read"))
        opened = load_recipe(recipe, [f"data.root={synthetic_set}"])
        store = Workspace(opened, cache).store
    assert len(store) == 40
    assert sorted(p.name for p in entry.iterdir()) == before


def test_waveforms_of_a_folder(dssd: Callable, recordings: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    command = ("data", "prepare", "--root", recordings, "--cache", cache, "--kind", "waveforms")
    result = dssd(*command, "--set", "data.clip_seconds=0.1", "--set", "data.waveform_dtype=int16")
    assert result.code == 0
    assert "the folder: 6 clips, 6 computed" in result.err
    (values,) = cache.glob("waveforms-*/shard-*/values.npy")
    assert np.load(values).shape == (6, 4410)
    assert np.load(values).dtype == np.int16


def test_shards_of_the_work(
    dssd: Callable, recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dssd_tf.data.cache import plan

    monkeypatch.setattr(plan, "SHARD_CLIPS", 2)
    command = ("data", "prepare", "--root", recordings, "--cache", tmp_path / "cache", *_SMALL)
    command += ("--set", "data.clip_seconds=0.1")
    assert "4 computed" in (first := dssd(*command, "--shard", "1/2")).err
    assert "2 left to other shards" in first.err
    assert "2 computed" in (second := dssd(*command, "--shard", "2/2")).err
    assert "left" not in second.err


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--shard", "3/2"), "--shard '3/2' is not of the form i/n"),
        (("--workers", "0"), "--workers 0 is not a number of processes"),
        (("--data", "x"), "--data is for a recipe"),
        (("--set", "data.clip_secnds=1"), "did you mean 'clip_seconds'"),
        (("--set", "data.clip_seconds=3"), "lasts 0.100 s, expected 3.000 s"),
    ],
)
def test_what_cannot_be_done(
    dssd: Callable, recordings: Path, tmp_path: Path, options: tuple[str, ...], problem: str
) -> None:
    command = ("data", "prepare", "--root", recordings, "--cache", tmp_path / "cache", *_SMALL)
    result = dssd(*command, *options)
    assert result.code == 2
    assert problem in result.line


def test_nothing_to_prepare(dssd: Callable, recordings: Path, tmp_path: Path) -> None:
    shutil.rmtree(recordings / "day0")
    shutil.rmtree(recordings / "day1")
    result = dssd("data", "prepare", "--root", recordings)
    assert result.code == 2
    assert f"{recordings}: holds no .wav or .flac file" in result.line
    assert "no such folder" in dssd("data", "prepare", "--root", tmp_path / "none").line
    assert dssd("data", "prepare").code == 2
