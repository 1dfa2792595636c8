"""The C++ front end against `LogMelExtractor`, compiled and run."""

import subprocess
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.deployment import FrontEnd
from dssd_tf.deployment.front_end_source import front_end_sources
from dssd_tf.deployment.golden import synthetic_clip
from dssd_tf.features import LogMelConfig, LogMelExtractor

# Prints the log-mels of a 16-bit clip, of the same clip as float and frame by frame, its features,
# and its int8 features (as float).
_DRIVER = """
#include <cstdio>
#include <vector>
#include "front_end.h"
using namespace dssd;
int main() {
  std::vector<std::int16_t> clip(kClipSamples);
  if (std::fread(clip.data(), 2, clip.size(), stdin) != clip.size()) return 3;
  std::vector<float> a(kFrames * kBands), b(a), c(a), f(a.size() * kChannels), q(f);
  std::vector<std::int8_t> stored(f.size());
  std::vector<float> real(clip.size());
  for (std::size_t i = 0; i < clip.size(); ++i) real[i] = clip[i] / 32768.0f;
  LogMel(clip.data(), a.data());
  LogMel(real.data(), b.data());
  for (int frame = 0; frame < kFrames; ++frame) {
    std::vector<float> samples(kFftSize);
    for (int i = 0; i < kFftSize; ++i) {
      int at = frame * kHopLength - kFftSize / 2 + i;
      if (at < 0) at = -at;
      if (at >= kClipSamples) at = 2 * (kClipSamples - 1) - at;
      samples[i] = real[at];
    }
    LogMelFrame(samples.data(), c.data() + frame * kBands);
  }
  for (auto* part : {&a, &b, &c}) std::fwrite(part->data(), 4, part->size(), stdout);
  FinishFeatures(a.data(), f.data());
  std::fwrite(f.data(), 4, f.size(), stdout);
  FinishFeatures(b.data(), 0.05f, 3, stored.data());
  for (std::size_t i = 0; i < stored.size(); ++i) q[i] = stored[i];
  std::fwrite(q.data(), 4, q.size(), stdout);
}
"""

_CONFIGS = {
    "default": LogMelConfig(),
    "narrow_window": LogMelConfig(
        sampling_rate=32000, n_fft=4096, win_length=3072, hop_length=500, fmax=14000
    ),
    "plain": LogMelConfig(
        n_fft=2048,
        win_length=2048,
        mel_scale="slaney",
        mel_norm=None,
        n_mels=40,
        standardize="none",
        deltas=False,
    ),
    "empty_bands": LogMelConfig(
        sampling_rate=8000, n_fft=64, win_length=33, hop_length=17, n_mels=60, log_offset=1e-9
    ),
    "band_centred": LogMelConfig(n_mels=64, deltas=False, band_centred=True),
    "all_channels": LogMelConfig(n_mels=40, band_centred=True),
    "raw_band_centred": LogMelConfig(n_mels=40, band_centred=True, standardize="none"),
    "raw_deltas": LogMelConfig(
        sampling_rate=8000, n_fft=4, win_length=4, hop_length=64, n_mels=2, standardize="none"
    ),
}


def _clip(front_end: FrontEnd, kind: str) -> np.ndarray:
    if kind == "silence":
        return np.zeros(front_end.samples, np.int16)
    if kind == "full_scale":
        sign = np.where(np.arange(front_end.samples) // 40 % 2, 32767, -32768)
        return sign.astype(np.int16)
    if kind == "whisper":
        return np.random.default_rng(1).integers(-2, 3, front_end.samples).astype(np.int16)
    return synthetic_clip(front_end, 5)


def _run(
    build: Callable[..., Path], folder: Path, front_end: FrontEnd
) -> Callable[[np.ndarray], list[np.ndarray]]:
    sources = resources.files("dssd_tf.deployment") / "sources"
    files = {name: (sources / name).read_text() for name in ("front_end.h", "front_end.cc")}
    for name, text in (files | front_end_sources(front_end) | {"driver.cc": _DRIVER}).items():
        (folder / name).write_text(text)
    program = build(folder.glob("*.cc"), standard="c++11")
    bands = (front_end.frames, front_end.bands)
    shapes = [bands] * 3 + [(*bands, front_end.channels)] * 2

    def run(clip: np.ndarray) -> list[np.ndarray]:
        done = subprocess.run([program], input=clip.tobytes(), capture_output=True, check=True)
        values = np.frombuffer(done.stdout, np.float32)
        ends = np.cumsum([np.prod(shape) for shape in shapes])
        assert values.size == ends[-1]
        parts = np.split(values, ends[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    return run


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Empty filters")
@pytest.mark.parametrize("name", _CONFIGS)
def test_it_equals_the_features_of_training(
    build: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    front_end = FrontEnd(_CONFIGS[name], 1.0)
    run = _run(build, tmp_path, front_end)
    extract = LogMelExtractor(front_end.config)
    for kind in ("scene", "silence", "full_scale", "whisper"):
        # A square wave leaves bands ten decades under the loudest, where rounding shows.
        tolerance = 0.1 if kind == "full_scale" else 1e-4
        clip = _clip(front_end, kind)
        waveform = clip / np.float32(32768)
        of_integers, of_floats, of_frames, features, stored = run(clip)
        wanted = extract.log_mel(waveform)
        np.testing.assert_array_equal(of_floats, of_integers)
        np.testing.assert_array_equal(of_frames, of_integers)
        np.testing.assert_allclose(of_integers, wanted, atol=tolerance, rtol=0, err_msg=kind)
        wanted = extract(waveform)
        np.testing.assert_allclose(features, wanted, atol=tolerance, rtol=0, err_msg=kind)
        steps = np.clip(np.round(features / np.float32(0.05) + 3), -128, 127)
        np.testing.assert_array_equal(stored, steps)
