"""Proof that a .tflite file computes in integers only."""

import numpy as np


def float_tensors(content: bytes) -> list[str]:
    """Names of the float tensors in a .tflite flatbuffer; none in a full-int8 model."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=content,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    return [
        tensor["name"]
        for tensor in interpreter.get_tensor_details()
        if np.issubdtype(tensor["dtype"], np.floating)
    ]
