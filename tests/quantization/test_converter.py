from typing import Any

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from keras import layers

from dssd_tf.errors import ModelError
from dssd_tf.quantization.converter import convert


def _model(shape: tuple[int | None, ...]) -> keras.Model:
    inputs = keras.Input(shape)
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(inputs), name="small")


def test_the_batch_is_one_and_the_function_the_models() -> None:
    seen: list[Any] = []
    content = convert(_model((4, 6, 2)), "float", seen.append)
    assert len(seen) == 1 and hasattr(seen[0], "target_spec")
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert tuple(source["shape"]) == tuple(source["shape_signature"]) == (1, 4, 6, 2)
    x = np.random.default_rng(0).normal(size=(1, 4, 6, 2)).astype("float32")
    interpreter.set_tensor(source["index"], x)
    interpreter.invoke()
    found = interpreter.get_tensor(target["index"])
    np.testing.assert_allclose(found, x.mean(axis=(1, 2)), rtol=1e-5, atol=1e-6)


def test_an_open_axis_is_refused() -> None:
    with pytest.raises(ModelError, match=r"small has an input of shape \(None, 6, 2\)"):
        convert(_model((None, 6, 2)), "float", lambda converter: None)


def test_what_the_converter_refuses_is_told_with_model_and_form() -> None:
    def configure(converter: Any) -> None:
        raise_error = ValueError("no such thing")
        converter.convert = lambda: (_ for _ in ()).throw(raise_error)

    with pytest.raises(ModelError, match="small cannot be converted to int3: no such thing"):
        convert(_model((4, 6, 2)), "int3", configure)
