from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.data import AudioConfig, ClipReader
from dssd_tf.errors import DataError

RATE = 8000
LENIENT = AudioConfig(
    sampling_rate_mismatch="resample", multichannel="downmix", length_mismatch="fit"
)
TONE = 0.5 * np.sin(2 * np.pi * 200 * np.arange(2000) / RATE)


def _reader(config: AudioConfig | None = None, seconds: float | None = 0.25) -> ClipReader:
    return ClipReader(RATE, seconds, config or AudioConfig())


def _refused(path: Path, config: AudioConfig | None = None) -> str:
    with pytest.raises(DataError) as caught:
        _reader(config)(path)
    assert caught.value.path == path
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "subtype", "bits"),
    [("a.wav", "PCM_16", 16), ("a.wav", "PCM_24", 24), ("a.flac", "PCM_16", 16)],
)
def test_samples_are_exact_to_the_bit_depth(
    write_audio: Callable[..., Path], name: str, subtype: str, bits: int
) -> None:
    waveform = _reader()(write_audio(name, subtype=subtype))
    assert waveform.shape == (2000,)
    assert waveform.dtype == np.float32
    np.testing.assert_allclose(waveform, TONE, atol=2.0 ** (1 - bits), rtol=1e-6)


def test_stereo_is_refused(write_audio: Callable[..., Path]) -> None:
    message = _refused(write_audio("a.wav", channels=2))
    assert "has 2 channels, expected 1" in message
    assert "data.audio.multichannel=downmix" in message


def test_downmix_averages(tmp_path: Path) -> None:
    channels = np.stack([TONE, np.full_like(TONE, 0.25)], axis=1)
    soundfile.write(tmp_path / "a.wav", channels, RATE, subtype="FLOAT")
    waveform = _reader(AudioConfig(multichannel="downmix"))(tmp_path / "a.wav")
    np.testing.assert_allclose(waveform, (TONE + 0.25) / 2, atol=1e-6)


def test_other_rate_is_refused(write_audio: Callable[..., Path]) -> None:
    message = _refused(write_audio("a.wav", rate=48000))
    assert "is sampled at 48000 Hz, expected 8000" in message
    assert "data.audio.sampling_rate_mismatch=resample" in message


def test_resampling_keeps_the_tone(write_audio: Callable[..., Path]) -> None:
    waveform = _reader(AudioConfig(sampling_rate_mismatch="resample"))(
        write_audio("a.wav", rate=48000)
    )
    assert waveform.shape == (2000,)
    # The filter rings where the tone is cut off.
    np.testing.assert_allclose(waveform[100:-100], TONE[100:-100], atol=1e-3)


@pytest.mark.parametrize("cut", [0.0, 0.01, 0.5])
def test_truncated_wav(write_audio: Callable[..., Path], cut: float) -> None:
    path = write_audio("a.wav")
    content = path.read_bytes()
    path.write_bytes(content[: round(cut * len(content))])
    message = _refused(path)
    assert "copy the file again" in message or "copy it again" in message


@pytest.mark.parametrize("cut", [0.001, 0.02, 0.5, 0.95])
def test_truncated_flac(write_audio: Callable[..., Path], cut: float) -> None:
    path = write_audio("a.flac")
    content = path.read_bytes()
    path.write_bytes(content[: round(cut * len(content))])
    assert "copy the file again" in _refused(path, LENIENT)


def test_no_samples(write_audio: Callable[..., Path]) -> None:
    assert "holds no samples" in _refused(write_audio("a.wav", samples=0))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_samples(tmp_path: Path, value: float) -> None:
    spoiled = TONE.copy()
    spoiled[7] = value
    soundfile.write(tmp_path / "a.wav", spoiled, RATE, subtype="FLOAT")
    assert "NaN or infinite" in _refused(tmp_path / "a.wav")


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.raw", "a"])
def test_text_in_place_of_audio(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("this is no recording\n")
    assert "cannot be read as audio" in _refused(tmp_path / name)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert "no such recording" in _refused(tmp_path / "a.wav")
    folder = _refused(tmp_path)
    assert f"is a folder, not a recording — name its files, such as {tmp_path}/*.wav" in folder


@pytest.mark.parametrize("samples", [1980, 1999, 2001, 2020])
def test_one_percent_off_is_fitted_without_a_word(
    write_audio: Callable[..., Path], samples: int
) -> None:
    reader = _reader()
    waveform = reader(write_audio("a.wav", samples=samples))
    common = min(samples, 2000)
    np.testing.assert_allclose(waveform[:common], TONE[:common], atol=1e-4)
    assert waveform.shape == (2000,)
    assert not waveform[common:].any()
    assert reader.warnings() == []


@pytest.mark.parametrize(("samples", "found"), [(1979, "0.247"), (2021, "0.253")])
def test_more_than_one_percent_off_is_refused(
    write_audio: Callable[..., Path], samples: int, found: str
) -> None:
    message = _refused(write_audio("a.wav", samples=samples))
    assert f"lasts {found} s, expected 0.250 s" in message
    assert "data.audio.length_mismatch=fit" in message


@pytest.mark.parametrize("samples", [500, 5000])
def test_fit_pads_with_zeros_or_cuts(write_audio: Callable[..., Path], samples: int) -> None:
    waveform = _reader(AudioConfig(length_mismatch="fit"))(write_audio("a.wav", samples=samples))
    common = min(samples, 2000)
    assert waveform.shape == (2000,)
    np.testing.assert_allclose(waveform[:common], TONE[:common], atol=1e-4)
    assert not waveform[common:].any()


def test_without_a_length_files_are_taken_as_they_are(write_audio: Callable[..., Path]) -> None:
    assert _reader(seconds=None)(write_audio("a.wav", samples=321)).shape == (321,)


def test_warnings_count_what_was_converted(write_audio: Callable[..., Path]) -> None:
    reader = _reader(LENIENT)
    for name, form in (
        ("a.wav", {}),
        ("b.wav", {"channels": 2}),
        ("c.wav", {"channels": 2, "rate": 48000}),
        ("d.wav", {"samples": 100}),
    ):
        reader(write_audio(name, **form))
    assert reader.warnings() == [
        "averaged 2 channels to one: 2 files",
        "padded or cut to the clip's length: 1 files",
        "resampled from 48000 to 8000 Hz: 1 files",
    ]
