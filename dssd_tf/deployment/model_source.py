"""The model, its settings, its operators and its golden vectors as C++ sources."""

from collections.abc import Sequence

import numpy as np

from dssd_tf.deployment.c_source import c_float, c_rows, c_string, header, source
from dssd_tf.deployment.golden import GoldenVectors
from dssd_tf.deployment.int8_model import Int8Model
from dssd_tf.deployment.tflm import ALIGNMENT, Arena

_SPARE = 64 * 1024
_SPARE_A_NODE = 1024


def model_sources(
    model: Int8Model,
    classes: Sequence[str],
    methods: Sequence[str],
    arena: Arena | None,
    golden: GoldenVectors,
) -> dict[str, str]:
    """File name → text.

    Args:
        model: The model.
        classes: Names of the outputs.
        methods: The resolver's methods for its operators.
        arena: What was measured; None writes an upper bound.
        golden: Inputs and outputs.
    """
    files = {
        "model_data.h": _data_header(),
        "model_data.cc": _data(model.content),
        "model_settings.h": _settings(model, classes, arena),
        "model_operators.h": _operators(methods),
        "golden_input.h": _golden_input(golden),
        "golden_output.h": _golden_output(golden),
    }
    if golden.clips is not None:
        files["golden_audio.h"] = _golden_audio(golden.clips[0])
    return files


def arena_bytes(model: Int8Model, arena: Arena | None) -> int:
    """Bytes to reserve: what was measured, else a bound that no plan of the memory exceeds."""
    if arena is not None:
        return arena.size
    bound = model.activation_bytes + _SPARE + model.nodes * _SPARE_A_NODE
    return -(-bound // ALIGNMENT) * ALIGNMENT


def _data_header() -> str:
    body = "extern const unsigned char kModelData[];\nextern const unsigned int kModelDataSize;"
    return header("model_data.h", body, comment="The .tflite file, aligned to 16 bytes.")


def _data(content: bytes) -> str:
    rows = c_rows(np.frombuffer(content, np.uint8))
    body = (
        f"alignas(16) const unsigned char kModelData[] = {{\n{rows}\n}};\n"
        f"const unsigned int kModelDataSize = {len(content)};"
    )
    return source(body, '"model_data.h"')


def _settings(model: Int8Model, classes: Sequence[str], arena: Arena | None) -> str:
    parts = []
    for name, tensor in (("Input", model.input), ("Output", model.output)):
        axes = ", ".join(map(str, tensor.shape))
        parts += [
            f"constexpr int k{name}Shape[] = {{{axes}}};",
            f"constexpr int k{name}Size = {int(np.prod(tensor.shape))};",
            f"constexpr float k{name}Scale = {c_float(tensor.scale)};",
            f"constexpr int k{name}ZeroPoint = {tensor.zero_point};",
            "",
        ]
    names = "\n".join(f"    {c_string(name)}," for name in classes)
    parts += [
        f"constexpr int kClassCount = {len(classes)};",
        f"constexpr const char* kClassNames[] = {{\n{names}\n}};",
        "",
        _arena_comment(arena),
        f"constexpr std::size_t kArenaBytes = {arena_bytes(model, arena)};",
    ]
    comment = (
        "Shapes (batch, time, frequency, channels) and (batch, classes), int8.\n"
        "Real value = scale * (stored - zero point)."
    )
    return header("model_settings.h", "\n".join(parts), "<cstddef>", comment=comment)


def _arena_comment(arena: Arena | None) -> str:
    if arena is None:
        return (
            "// NOT MEASURED, an upper bound: install tflite-micro and export again, or set it to\n"
            "// what model_check prints."
        )
    return (
        f"// Measured with tflite-micro {arena.version} on a 64-bit machine: "
        f"{arena.activations} bytes of\n"
        f"// activations and {arena.persistent} of structures. The latter hold pointers, so a "
        "32-bit device needs less;\n"
        "// optimised kernels (CMSIS-NN, ESP-NN) may need scratch memory on top."
    )


def _operators(methods: Sequence[str]) -> str:
    calls = " &&\n         ".join(f"resolver.{method}() == kTfLiteOk" for method in methods)
    text = f"""
// Newer versions keep their classes in tflite::micro, older ones in tflite.
using namespace ::tflite;         // NOLINT
using namespace ::tflite::micro;  // NOLINT

constexpr unsigned int kOperatorCount = {len(methods)};
using ModelOperatorResolver = MicroMutableOpResolver<kOperatorCount>;

inline bool AddModelOperators(ModelOperatorResolver& resolver) {{
  return {calls};
}}
"""
    comment = "The operators that the model uses, each once, and no others: the rest is not linked."
    include = '"tensorflow/lite/micro/micro_mutable_op_resolver.h"'
    made = header("model_operators.h", text, include, comment=comment)
    both = "namespace tflite {\nnamespace micro {}\n}  // namespace tflite\n\n"
    return made.replace("namespace dssd {", both + "namespace dssd {", 1)


def _golden_input(golden: GoldenVectors) -> str:
    count, size = len(golden.inputs), golden.inputs[0].size
    rows = c_rows(golden.inputs.reshape(count, size))
    body = (
        f"constexpr int kGoldenCount = {count};\n"
        f"constexpr std::int8_t kGoldenInput[{count}][{size}] = {{\n{rows}\n}};"
    )
    comment = f"Inputs of the model: {golden.inputs_are}."
    return header("golden_input.h", body, "<cstdint>", comment=comment)


def _golden_output(golden: GoldenVectors) -> str:
    count, size = len(golden.outputs), golden.outputs[0].size
    rows = c_rows(golden.outputs.reshape(count, size))
    body = (
        "// The kernels are integer arithmetic. Raise this only for kernels that round otherwise.\n"
        f"constexpr int kGoldenTolerance = {golden.tolerance};\n"
        f"constexpr std::int8_t kGoldenOutput[{count}][{size}] = {{\n{rows}\n}};"
    )
    comment = (
        f"Outputs of {golden.runtime}.\n"
        f"LiteRT's reference kernels differ by at most {golden.reference_difference}, its fast "
        f"ones by {golden.litert_difference} int8 steps."
    )
    return header("golden_output.h", body, "<cstdint>", comment=comment)


def _golden_audio(clip: np.ndarray) -> str:
    body = f"constexpr std::int16_t kGoldenAudio[{clip.size}] = {{\n{c_rows(clip)}\n}};"
    comment = "The clip whose features are the first golden input, 16-bit samples."
    return header("golden_audio.h", body, "<cstdint>", comment=comment)
