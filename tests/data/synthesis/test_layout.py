import numpy as np
import pytest
import soundfile

from dssd_tf.data.synthesis.layout import make_folders, write_clip, write_readme


def test_clip_comes_back(tmp_path, rng):
    samples = rng.uniform(-1, 1, 44_100).astype(np.float32)
    samples[:2] = -1, 1
    write_clip(tmp_path / "x.wav", samples)
    info = soundfile.info(tmp_path / "x.wav")
    assert (info.format, info.subtype, info.samplerate) == ("WAV", "PCM_24", 44_100)
    assert (info.channels, info.frames) == (1, 44_100)
    read, _ = soundfile.read(tmp_path / "x.wav", dtype="float64")
    assert read == pytest.approx(samples, abs=2**-22)


def test_folders(tmp_path):
    make_folders(tmp_path / "set")
    found = {str(path.relative_to(tmp_path / "set")) for path in (tmp_path / "set").rglob("*")}
    assert found == {
        "audio",
        "evaluation_setup",
        "evaluation",
        "evaluation/audio",
        "evaluation/evaluation_setup",
    }


def test_readme_says_what_it_is(tmp_path):
    write_readme(tmp_path, 42)
    text = (tmp_path / "README.txt").read_text()
    assert "synthetic" in text
    assert "seed 42" in text
    assert "No result on it counts" in text
