"""Each bad input is one line with file and fix, exit code 2, and leaves nothing half-written."""

import errno
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE = 44100


@pytest.fixture
def refused(dssd: Callable, small_recipe: Path, tmp_path: Path) -> Callable[..., str]:
    """Run a recipe that must be refused; gives the error line."""

    def run(data: Path, *options: str) -> str:
        result = dssd("run", small_recipe, "--data", data, "--out", tmp_path / "out", *options)
        assert result.code == 2
        assert result.out == ""
        line = result.line
        assert line.startswith("dssd: error: ")
        assert list(tmp_path.rglob(".*.tmp")) == []
        return line

    return run


def _first_clip(root: Path) -> Path:
    rows = (root / "evaluation_setup" / "fold1_train.csv").read_text().splitlines()
    return root / rows[1].split("\t")[0]


def test_missing_data_folder(refused: Callable, tmp_path: Path) -> None:
    line = refused(tmp_path / "none")
    assert f"{tmp_path / 'none'}: no such data folder" in line
    assert "--data" in line
    assert not (tmp_path / "out").exists()


def test_no_data_folder_named(dssd: Callable, small_recipe: Path, tmp_path: Path) -> None:
    result = dssd("run", small_recipe, "--out", tmp_path / "out")
    assert result.code == 2
    assert "--data DIR" in result.line
    assert not (tmp_path / "out").exists()


def test_row_without_its_file(refused: Callable, copied_set: Path, tmp_path: Path) -> None:
    clip = _first_clip(copied_set)
    clip.unlink()
    line = refused(copied_set)
    assert str(clip) in line
    assert "restore the file" in line
    assert not (tmp_path / "out").exists()


def test_clip_that_meta_does_not_have(refused: Callable, copied_set: Path, tmp_path: Path) -> None:
    name = str(_first_clip(copied_set).relative_to(copied_set))
    meta = copied_set / "meta.csv"
    rows = meta.read_text().splitlines(keepends=True)
    meta.write_text("".join(row for row in rows if not row.startswith(name)))
    line = refused(copied_set)
    assert "fold1_train.csv" in line
    assert name in line
    assert not (tmp_path / "out").exists()


def test_empty_fold(refused: Callable, copied_set: Path, tmp_path: Path) -> None:
    table = copied_set / "evaluation_setup" / "fold1_train.csv"
    table.write_text("filename\tscene_label\n")
    line = refused(copied_set)
    assert f"{table}: the fold lists no clips" in line
    assert not (tmp_path / "out").exists()


def test_missing_fold_names_those_there_are(refused: Callable, copied_set: Path) -> None:
    line = refused(copied_set, "--set", "data.fold=7")
    assert "fold7_train.csv: no such fold list" in line
    assert "set data.fold to one of 1" in line


def test_class_without_a_training_clip(refused: Callable, copied_set: Path, tmp_path: Path) -> None:
    table = copied_set / "evaluation_setup" / "fold1_train.csv"
    rows = table.read_text().splitlines(keepends=True)
    table.write_text("".join(row for row in rows if not row.endswith("\tbus\n")))
    line = refused(copied_set)
    assert "class 'bus' has no training clip" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("shape", "rate", "problem", "fix"),
    [
        ((RATE, 2), RATE, "has 2 channels, expected 1", "data.audio.multichannel=downmix"),
        ((48000,), 48000, "is sampled at 48000 Hz, expected 44100", "sampling_rate_mismatch"),
        ((RATE // 2,), RATE, "lasts 0.500 s, expected 1.000 s", "data.clip_seconds"),
        ((0,), RATE, "holds no samples", "copy the file again"),
    ],
    ids=["stereo", "48kHz", "short", "empty"],
)
def test_unexpected_audio(
    refused: Callable,
    copied_set: Path,
    tmp_path: Path,
    shape: tuple[int, ...],
    rate: int,
    problem: str,
    fix: str,
) -> None:
    clip = _first_clip(copied_set)
    soundfile.write(clip, np.zeros(shape), rate)
    line = refused(copied_set)
    assert f"{clip}: {problem}" in line
    assert fix in line
    assert not list(tmp_path.rglob("shard-*"))


@pytest.mark.parametrize("kept", [20, 30_000])
def test_truncated_recording(refused: Callable, copied_set: Path, kept: int) -> None:
    clip = _first_clip(copied_set)
    clip.write_bytes(clip.read_bytes()[:kept])
    line = refused(copied_set)
    assert str(clip) in line
    assert "copy" in line


def test_misspelt_key_and_unknown_models(refused: Callable, synthetic_set: Path) -> None:
    line = refused(synthetic_set, "--set", "training.epohcs=3")
    assert "training.epohcs: unknown key, did you mean 'epochs'?" in line


def test_unknown_model_offers_the_nearest(
    refused: Callable, synthetic_set: Path, tmp_path: Path
) -> None:
    line = refused(synthetic_set, "--set", "model.name=dsmn_q")
    assert "recipe.yaml: model.name: unknown model 'dsmn_q'" in line
    assert "did you mean dsmn_" in line
    assert not (tmp_path / "feature_cache").exists()
    assert not (tmp_path / "out").exists()


def test_full_disk_while_the_cache_is_written(
    refused: Callable,
    dssd: Callable,
    synthetic_set: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dssd_tf.data.cache import shard

    def full(*arguments: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shard.np, "save", full)
        line = refused(synthetic_set)
    assert re.search(r"shard-\w{16}: could not be written \(No space left on device\)", line)
    assert "free some space" in line
    assert not list((tmp_path / "feature_cache").rglob("*.npy"))


def test_nothing_else_in_the_way_is_touched(
    refused: Callable, synthetic_set: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    assert "is not empty and holds no run" in refused(synthetic_set, "--overwrite")
    assert (tmp_path / "out" / "thesis.txt").read_text() == "years of work"
