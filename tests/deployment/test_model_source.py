import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.deployment import FrontEnd
from dssd_tf.deployment.golden import GoldenVectors, golden_vectors
from dssd_tf.deployment.int8_model import Int8Model
from dssd_tf.deployment.model_source import arena_bytes, model_sources
from dssd_tf.deployment.tflm import Arena, measure_arena, tflm_version

_DRIVER = """
#include <cstdio>
#include <cstdint>
#include "golden_audio.h"
#include "golden_input.h"
#include "golden_output.h"
#include "model_data.h"
#include "model_settings.h"
using namespace dssd;
int main() {
  if (reinterpret_cast<std::uintptr_t>(kModelData) % 16 != 0) return 1;
  std::fwrite(kModelData, 1, kModelDataSize, stdout);
  std::fwrite(kGoldenInput, 1, sizeof(kGoldenInput), stdout);
  std::fwrite(kGoldenOutput, 1, sizeof(kGoldenOutput), stdout);
  std::fwrite(kGoldenAudio, 1, sizeof(kGoldenAudio), stdout);
  static_assert(sizeof(kGoldenInput) == kGoldenCount * kInputSize, "");
  static_assert(sizeof(kGoldenOutput) == kGoldenCount * kOutputSize, "");
  std::fprintf(stderr, "%.9g %d %d %zu", double(kInputScale), kInputZeroPoint, kInputShape[1],
               kArenaBytes);
  for (auto* name : kClassNames) std::fprintf(stderr, " %s", name);
}
"""


@pytest.fixture(scope="module")
def vectors(model: Int8Model, front_end: FrontEnd) -> GoldenVectors:
    return golden_vectors(model, front_end, 3, micro=False)


def test_the_arrays_hold_the_same_bytes(
    build: Callable[..., Path], tmp_path: Path, model: Int8Model, vectors: GoldenVectors
) -> None:
    arena = Arena(4096, 3000, 1000, "0.dev1")
    texts = model_sources(model, ["bus", "Straße", "tram"], ["AddAdd"], arena, vectors)
    for name, text in {**texts, "driver.cc": _DRIVER}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    program = build(sorted(tmp_path.glob("*.cc")))
    done = subprocess.run([program], capture_output=True, check=True)
    assert vectors.clips is not None
    arrays = (vectors.inputs, vectors.outputs, vectors.clips[0])
    assert done.stdout == model.content + b"".join(array.tobytes() for array in arrays)
    scale, zero_point, time, size, *names = done.stderr.decode().split()
    assert float(scale) == pytest.approx(model.input.scale, rel=1e-7)
    assert (int(zero_point), int(time), int(size)) == (model.input.zero_point, 32, 4096)
    assert names == ["bus", "Straße", "tram"]
    assert "0.dev1 on a 64-bit machine: 3000 bytes" in texts["model_settings.h"]


def test_the_resolver_gets_each_operator(model: Int8Model, vectors: GoldenVectors) -> None:
    methods = ["AddAdd", "AddConv2D"]
    text = model_sources(model, "abc", methods, None, vectors)["model_operators.h"]
    assert re.findall(r"resolver\.(\w+)\(\) == kTfLiteOk", text) == methods
    assert "kOperatorCount = 2;" in text


def test_an_arena_that_was_not_measured_says_so(model: Int8Model, vectors: GoldenVectors) -> None:
    text = model_sources(model, "abc", [], None, vectors)["model_settings.h"]
    assert "NOT MEASURED" in text
    assert f"kArenaBytes = {arena_bytes(model, None)};" in text


@pytest.mark.skipif(tflm_version() is None, reason="needs the extra `mcu`")
def test_the_bound_is_one(model: Int8Model) -> None:
    assert arena_bytes(model, None) >= measure_arena(model.content).size
