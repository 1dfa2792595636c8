"""The package's features against the front end that they stand for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.challenge.inference_package.dummy_audio import dummy_clip
from dssd_tf.challenge.inference_package.front_end_files import front_end_files
from dssd_tf.challenge.inference_package.runtime.errors import InferenceError
from dssd_tf.challenge.inference_package.runtime.front_end import FrontEnd
from dssd_tf.features import LogMelConfig, LogMelExtractor

CONFIGS: list[dict[str, Any]] = [
    {},
    {"sampling_rate": 32000, "n_fft": 1001, "win_length": 900, "hop_length": 300, "n_mels": 40},
    {"sampling_rate": 16000, "n_fft": 512, "win_length": 512, "hop_length": 160, "n_mels": 300},
    {"mel_scale": "slaney", "mel_norm": None, "fmin": 50, "fmax": 9000, "log_offset": 1e-5},
    {"standardize": "none", "n_mels": 64},
    {"standardize": "none", "deltas": False, "n_mels": 64},
    {"band_centred": True},
    {"standardize": "none", "deltas": False, "band_centred": True, "n_mels": 64},
    {"deltas": False, "n_fft": 2048, "win_length": 1764, "hop_length": 882, "n_mels": 40},
]


def _open(config: LogMelConfig, samples: int, folder: Path) -> FrontEnd:
    clip = dummy_clip(config.sampling_rate, samples)
    for name, content in front_end_files(config, samples, clip).items():
        (folder / name).write_bytes(content)
    return FrontEnd.open(folder)


@pytest.mark.parametrize("values", CONFIGS, ids=lambda values: "-".join(values) or "default")
def test_it_is_the_front_end_of_the_model(values: dict[str, Any], tmp_path: Path) -> None:
    config = LogMelConfig(**values)
    samples = round(0.61 * config.sampling_rate)
    own, extract = _open(config, samples, tmp_path), LogMelExtractor(config)
    random = np.random.default_rng(2)
    ramp = np.linspace(0, 1, samples)
    clips = [
        0.1 * random.normal(size=samples),
        1e-3 * random.normal(size=samples) + 0.5 * np.sin(300 * ramp * np.arange(samples) % 7),
        np.where(ramp < 0.5, 0.0, 0.3 * random.normal(size=samples)),
    ]
    for clip in clips:
        wave = clip.astype(np.float32)
        wanted = extract.log_mel(wave)
        np.testing.assert_allclose(own.log_mel(wave), wanted, rtol=0, atol=1e-5)
        features = own(wave)
        assert features.dtype == np.float32
        assert features.shape == config.shape(samples)
        np.testing.assert_allclose(features, extract(wave), rtol=0, atol=1e-4)


def test_silence_gives_zeros_not_nan(tmp_path: Path) -> None:
    own = _open(LogMelConfig(), 44100, tmp_path)
    assert not own(np.zeros(44100, np.float32)).any()


def test_a_folder_without_it(tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match=r"holds no readable front end .* — unpack it again"):
        FrontEnd.open(tmp_path)


def test_an_unknown_setting(tmp_path: Path) -> None:
    _open(LogMelConfig(), 44100, tmp_path)
    path = tmp_path / "front_end.json"
    path.write_text(path.read_text().replace('"clip"', '"corpus"'))
    with pytest.raises(InferenceError, match="standardize is 'corpus'"):
        FrontEnd.open(tmp_path)
