"""`tools/build_ambience.py`: the table it fetches by, and what it does with what it fetched."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

from dssd_tf.data.recordings import read_manifest


@pytest.fixture
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool("build_ambience")


def test_every_recording_has_its_sum_its_licence_and_its_fold(tool: ModuleType) -> None:
    recordings = read_manifest(tool.MANIFEST)
    assert len(recordings) == 22
    assert all(len(r.sha256 or "") == 64 and r.licence == "CC-BY-SA-3.0" for r in recordings)
    for fold in (1, 2, 3):
        assert {r.scene for r in recordings if r.fold == fold} == {r.scene for r in recordings}


def test_what_was_fetched_is_cut_and_limited_in_bandwidth(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(manifest: Path, folder: Path) -> list:
        assert folder == tmp_path / "set-packages"
        found = []
        for number, recording in enumerate(read_manifest(manifest)):
            path = tmp_path / f"{number}.wav"
            noise = np.random.default_rng(number).normal(scale=0.1, size=44100)
            soundfile.write(path, noise, 44100)
            found.append(replace(recording, path=path, sha256=None))
        return found

    monkeypatch.setattr(tool, "fetch_recordings", fetch)
    assert tool.main([str(tmp_path / "set")]) == 0
    clips = sorted((tmp_path / "set" / "audio").iterdir())
    assert len(clips) == 22
    power = np.abs(np.fft.rfft(soundfile.read(clips[0])[0])) ** 2
    hz = np.fft.rfftfreq(44100, 1 / 44100)
    assert power[hz > 12_000].mean() < 1e-4 * power[hz < 8000].mean()


def test_an_error_is_one_line(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.csv"
    assert tool.main([str(tmp_path / "set"), "--manifest", str(missing)]) == 2
    assert f"build_ambience: error: {missing}: no such table" in capsys.readouterr().err
    assert not (tmp_path / "set").exists()
