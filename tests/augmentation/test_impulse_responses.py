from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.augmentation.impulse_responses import read_impulse_responses
from dssd_tf.errors import DataError

RATE = 8000


def _write(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return path


def test_responses_come_in_order_of_unit_energy_padded_to_the_longest(tmp_path: Path) -> None:
    _write(tmp_path / "z.wav", np.array([0.2]))
    _write(tmp_path / "inner" / "b.WAV", np.array([3.0, -4.0]))
    _write(tmp_path / "a.wav", np.array([0.0, 0.0, 2.0]))
    (tmp_path / "notes.txt").write_text("none", encoding="utf-8")
    (tmp_path / "._a.wav").write_bytes(b"not audio")
    found = read_impulse_responses(tmp_path, RATE, 1.0)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[0, 0, 1], [0.6, -0.8, 0], [1, 0, 0]], atol=1e-6)


def test_long_responses_are_cut(tmp_path: Path) -> None:
    _write(tmp_path / "a.wav", np.ones(100))
    found = read_impulse_responses(tmp_path, RATE, 0.005)
    np.testing.assert_allclose(found, np.full((1, 40), 1 / np.sqrt(40)), rtol=1e-6)


def test_other_rates_and_channels_are_converted(tmp_path: Path) -> None:
    time = np.arange(2400) / 24000
    tone = np.sin(2 * np.pi * 500 * time) * np.hanning(2400)
    _write(tmp_path / "a.wav", np.stack([2 * tone, np.zeros(2400)], axis=1), 24000)
    (found,) = read_impulse_responses(tmp_path, RATE, 1.0)
    expected = tone[::3] / np.sqrt(np.sum(tone[::3] ** 2))
    assert found.shape == (800,)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder of impulse responses") as caught:
        read_impulse_responses(tmp_path / "none", RATE, 1.0)
    assert str(tmp_path / "none") in str(caught.value)
    assert "device_impulse_response" in str(caught.value)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none", encoding="utf-8")
    with pytest.raises(DataError, match="has no impulse response") as caught:
        read_impulse_responses(tmp_path, RATE, 1.0)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not audio", "cannot be read as audio"),
        (np.zeros(50), "is silent"),
        (np.zeros(0), "holds no samples"),
        (np.array([1.0, np.nan]), "holds NaN"),
    ],
)
def test_a_faulty_response_is_named(
    tmp_path: Path, content: bytes | np.ndarray, reason: str
) -> None:
    _write(tmp_path / "good.wav", np.ones(4))
    path = tmp_path / "inner" / "faulty.wav"
    if isinstance(content, bytes):
        path.parent.mkdir()
        path.write_bytes(content)
    else:
        _write(path, content)
    with pytest.raises(DataError, match=reason) as caught:
        read_impulse_responses(tmp_path, RATE, 1.0)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
