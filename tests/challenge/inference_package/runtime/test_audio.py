"""Reading recordings of other rates, channels and lengths."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.challenge.inference_package.runtime.audio import ClipReader
from dssd_tf.challenge.inference_package.runtime.errors import InferenceError


def _write(path: Path, samples: int, rate: int = 8000, channels: int = 1) -> Path:
    time = np.arange(samples) / rate
    tone = 0.5 * np.sin(2 * np.pi * 440 * time)
    parts = [tone * (1 - 0.5 * channel) for channel in range(channels)]
    soundfile.write(path, np.stack(parts, axis=1), rate, subtype="FLOAT")
    return path


def test_a_clip_as_it_should_be(tmp_path: Path) -> None:
    reader = ClipReader(8000, 4000)
    wave = reader(_write(tmp_path / "a.wav", 4000))
    assert wave.dtype == np.float32
    np.testing.assert_allclose(
        wave, 0.5 * np.sin(2 * np.pi * 440 * np.arange(4000) / 8000), atol=1e-6
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reader.warn()


def test_others_are_converted_with_one_warning_a_kind(tmp_path: Path) -> None:
    reader = ClipReader(8000, 4000)
    whole = reader(_write(tmp_path / "whole.wav", 4000))
    stereo = reader(_write(tmp_path / "stereo.wav", 4000, channels=2))
    np.testing.assert_allclose(stereo, 0.75 * whole, atol=1e-6)
    faster = reader(_write(tmp_path / "fast.wav", 22050, rate=44100))
    assert np.abs(faster - whole)[200:-200].max() < 1e-2
    short = reader(_write(tmp_path / "short.wav", 3000))
    np.testing.assert_array_equal(short[:3000], whole[:3000])
    assert not short[3000:].any()
    for name in ("long", "longer"):
        np.testing.assert_array_equal(reader(_write(tmp_path / f"{name}.wav", 9000)), whole)
    with pytest.warns(UserWarning) as told:
        reader.warn()
    assert [str(warning.message).split(":")[0] for warning in told] == [
        "averaged 2 channels to one",
        "cut to 0.5 s",
        "padded to 0.5 s",
        "resampled from 44100 to 8000 Hz",
    ]
    assert str(told[1].message).endswith(f"2 files, first {tmp_path / 'long.wav'}")


def test_a_sample_or_two_need_no_warning(tmp_path: Path) -> None:
    reader = ClipReader(8000, 4000)
    assert reader(_write(tmp_path / "a.wav", 3998)).shape == (4000,)
    assert reader(_write(tmp_path / "b.wav", 4002)).shape == (4000,)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reader.warn()


def test_what_cannot_be_read(tmp_path: Path) -> None:
    reader = ClipReader(8000, 4000)
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 8000)
    soundfile.write(tmp_path / "nan.wav", np.full(4000, np.nan), 8000, subtype="FLOAT")
    (tmp_path / "text.wav").write_text("no audio")
    for name, told in (
        ("empty.wav", "holds no samples"),
        ("nan.wav", "holds NaN or infinite samples"),
        ("text.wav", "cannot be read as audio"),
        ("gone.wav", "no such recording"),
    ):
        with pytest.raises(InferenceError, match=rf"{name}: {told}"):
            reader(tmp_path / name)
