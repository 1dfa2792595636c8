"""Published networks whose figures are known, built from plain Keras layers."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import flatbuffers
import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from keras import layers


@pytest.fixture(scope="session")
def baseline_2022() -> keras.Model:
    """Small CNN of DCASE 2021/2022: 40 mel bands x 51 frames, 7x7 convolutions with bias."""
    keras.utils.set_random_seed(1)
    inputs = x = keras.Input((40, 51, 1))
    for filters, pool in ((16, None), (16, (5, 5)), (32, (4, 10))):
        x = layers.Conv2D(filters, 7, padding="same")(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        if pool:
            x = layers.Dropout(0.3)(layers.MaxPooling2D(pool)(x))
    x = layers.Dropout(0.3)(layers.Dense(100, activation="relu")(layers.Flatten()(x)))
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    # Fresh biases are zero, and the converter then stores one buffer for several of them.
    random = np.random.default_rng(1)
    for weight in model.trainable_weights:
        weight.assign(random.normal(0.1, 0.05, weight.shape))
    return model


@pytest.fixture(scope="session")
def baseline_2024() -> Callable[..., keras.Model]:
    """Maker of the simplified CP-Mobile of DCASE 2024/2025: 256 mel bands x 65 frames.

    With `folded`, each BatchNormalization is the bias of its convolution instead. With
    `time_first`, time comes before frequency.
    """

    def make(folded: bool = False, time_first: bool = False) -> keras.Model:
        def turned(size):
            return size[::-1] if time_first else size

        def unit(x, filters, kernel, strides=(1, 1), groups=1, relu=True):
            x = layers.Conv2D(
                filters, kernel, turned(strides), "same", groups=groups, use_bias=folded
            )(x)
            x = x if folded else layers.BatchNormalization(epsilon=1e-5)(x)
            return layers.ReLU()(x) if relu else x

        inputs = keras.Input((*turned((256, 65)), 1))
        x = unit(unit(inputs, 8, 3, (2, 2)), 32, 3, (2, 2))
        blocks = [(32, 64, (1, 1)), (32, 64, (1, 1)), (32, 64, (1, 2))]
        blocks += [(56, 64, (2, 1)), (56, 120, (1, 1)), (104, 120, (1, 1))]
        for filters, expanded, strides in blocks:
            y = unit(x, expanded, 1)
            # A grouped convolution is the depthwise one; TensorFlow's own wants equal strides.
            y = unit(y, expanded, 3, strides, groups=expanded)
            y = unit(y, filters, 1, relu=False)
            if strides == (1, 2):
                x = layers.AveragePooling2D(3, turned(strides), "same")(x)
            x = layers.ReLU()(layers.Add()([x, y]) if x.shape == y.shape else y)
        x = layers.GlobalAveragePooling2D()(unit(x, 10, 1, relu=False))
        return keras.Model(inputs, x)

    return make


@pytest.fixture(scope="session")
def to_int8(tmp_path_factory: pytest.TempPathFactory) -> Callable[[keras.Model, str], Path]:
    """Full-integer conversion with batch 1 and random calibration data."""

    def convert(model: keras.Model, name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        shape = (1, *model.input.shape[1:])
        model.export(
            folder / "saved",
            verbose=False,
            input_signature=[keras.InputSpec(shape=shape, dtype="float32")],
        )
        random = np.random.default_rng(0)
        converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "saved"))
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: (
            [random.normal(size=shape).astype("float32")] for _ in range(4)
        )
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        path = folder / f"{name}.tflite"
        path.write_bytes(converter.convert())
        return path

    return convert


@pytest.fixture(scope="session")
def int8_2022(baseline_2022: keras.Model, to_int8: Callable[[keras.Model, str], Path]) -> Path:
    """The 2022 baseline as a full-int8 file."""
    return to_int8(baseline_2022, "baseline_2022")


@pytest.fixture(scope="session")
def pack_tflite() -> Callable[[Any], bytes]:
    """A TFLite model of schema objects as the bytes of a file."""

    def pack(model: Any) -> bytes:
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    return pack


@pytest.fixture
def write_tflite(tmp_path: Path, pack_tflite: Callable[[Any], bytes]) -> Callable[..., Path]:
    """Write a TFLite file by hand: (shape, type, constant or None) and (operator, in, out)."""

    def write(tensors, operators, inputs, outputs, custom=b"") -> Path:
        model, graph = schema.ModelT(), schema.SubGraphT()
        model.version, model.buffers = 3, [schema.BufferT()]
        graph.tensors, graph.operators, model.operatorCodes = [], [], []
        for index, (shape, kind, constant) in enumerate(tensors):
            tensor = schema.TensorT()
            tensor.shape, tensor.name = list(shape), f"t{index}"
            tensor.type = getattr(schema.TensorType, kind)
            if constant is not None:
                buffer = schema.BufferT()
                buffer.data = np.frombuffer(np.ascontiguousarray(constant).tobytes(), np.uint8)
                tensor.buffer = len(model.buffers)
                model.buffers.append(buffer)
            graph.tensors.append(tensor)
        for kind, reads, writes in operators:
            code, operator = schema.OperatorCodeT(), schema.OperatorT()
            code.builtinCode = getattr(schema.BuiltinOperator, kind)
            code.deprecatedBuiltinCode = min(code.builtinCode, 127)
            code.customCode = custom if kind == "CUSTOM" else None
            operator.opcodeIndex = len(model.operatorCodes)
            operator.inputs, operator.outputs = reads, writes
            model.operatorCodes.append(code)
            graph.operators.append(operator)
        graph.inputs, graph.outputs, model.subgraphs = inputs, outputs, [graph]
        path = tmp_path / "model.tflite"
        path.write_bytes(pack_tflite(model))
        return path

    return write


@pytest.fixture(scope="session")
def torch() -> Any:
    return pytest.importorskip("torch")


@pytest.fixture(scope="session")
def by_torchinfo(torch: Any) -> Callable[..., tuple[int, int]]:
    """Of a torch module and the shape of its input without the batch: parameters, MACs."""
    torchinfo = pytest.importorskip("torchinfo")

    def count(module: Any, shape: tuple[int, ...]) -> tuple[int, int]:
        found = torchinfo.summary(module.eval(), input_size=(1, *shape), device="cpu", verbose=0)
        return found.total_params, found.total_mult_adds

    return count


@pytest.fixture(scope="session")
def by_us() -> Callable[..., tuple[int, int]]:
    """The same of a Keras layer and the shape of its input, channels last."""
    from dssd_tf.complexity import measure

    def count(layer: Callable[[Any], Any], shape: tuple[int, ...]) -> tuple[int, int]:
        inputs = keras.Input(shape)
        found = measure(keras.Model(inputs, layer(inputs)))
        assert found.uncounted == ()
        return found.parameters, found.macs_torchinfo

    return count
