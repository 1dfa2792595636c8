"""What can be counted of a .tflite file that has no twin: its constants, and convolutions."""

import math
from pathlib import Path
from typing import Any

from dssd_tf.challenge.inference_package.runtime.counting import Count
from dssd_tf.challenge.inference_package.runtime.errors import InferenceError

_COUNTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_BITS = {
    **{"FLOAT64": 64, "FLOAT32": 32, "FLOAT16": 16, "BFLOAT16": 16},
    **{"INT64": 64, "INT32": 32, "INT16": 16, "INT8": 8, "UINT8": 8, "INT4": 4, "INT2": 2},
}


def count_tflite(path: Path, reason: str) -> Count:
    """Count the weights, and the multiply-adds of convolutions and dense layers.

    Args:
        path: The file.
        reason: Why it has no twin: what is not counted.

    Raises:
        InferenceError: The file cannot be read, or ai-edge-litert, which holds the format's
            schema, is not installed.
    """
    try:
        from ai_edge_litert import schema_py_generated as schema
    except ImportError as error:
        raise InferenceError(
            "needs LiteRT to be counted", path=path, fix="pip install ai-edge-litert"
        ) from error
    try:
        content = path.read_bytes()
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
        return _count(model, schema, reason)
    except OSError as error:
        raise InferenceError(f"cannot be read ({error.strerror})", path=path) from error
    except Exception as error:  # a damaged offset shows as any of a dozen types
        raise InferenceError(f"is no .tflite model ({error!r})", path=path) from error


def _count(model: Any, schema: Any, reason: str) -> Count:
    codes = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}
    types = {code: name for name, code in vars(schema.TensorType).items() if name.isupper()}
    graph = model.subgraphs[0]
    sizes: dict[int, int] = {}
    macs = 0
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        kind = codes.get(max(code.builtinCode, code.deprecatedBuiltinCode), "")
        own = 0
        for index in (int(i) for i in operator.inputs if i >= 0):
            tensor = graph.tensors[index]
            elements = math.prod(int(size) for size in tensor.shape)
            scaled = tensor.quantization is not None and tensor.quantization.scale is not None
            kept = types.get(tensor.type, "")
            # Integers without a scale are shapes and axes.
            if model.buffers[tensor.buffer].data is None or not (scaled or "FLOAT" in kept):
                continue
            sizes[index] = -(-elements * _BITS[kept] // 8)
            own += elements
        if kind in _COUNTED:
            shape = [int(size) for size in graph.tensors[operator.outputs[0]].shape]
            macs += own * (math.prod(shape[:-1]) if "CONV" in kind else shape[0])
    return Count(macs, sum(sizes.values()), "the .tflite file's constants", (reason,))
