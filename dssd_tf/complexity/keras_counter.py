"""The complexity of a Keras model: a walk over the leaf layers of one traced call."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dssd_tf.complexity.complexity import Complexity, LayerRow
from dssd_tf.complexity.keras_activations import activations
from dssd_tf.complexity.keras_folding import folding_change
from dssd_tf.complexity.keras_rules import Call, Macs, rule_for
from dssd_tf.complexity.keras_trace import LayerCall, Trace, trace
from dssd_tf.errors import ModelError

MULTIPLYING = frozenset(
    {
        *("Conv", "Conv2D", "Conv3D", "DepthwiseConv2dNative"),
        *("Conv2DBackpropInput", "Conv3DBackpropInputV2"),
        *("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum"),
        *("FFT", "FFT2D", "FFT3D", "IFFT", "IFFT2D", "IFFT3D"),
        *("RFFT", "RFFT2D", "RFFT3D", "IRFFT", "IRFFT2D", "IRFFT3D"),
        *("SparseTensorDenseMatMul", "SparseMatMul"),
        *("While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase"),
        *("PartitionedCall", "StatefulPartitionedCall"),
    }
)
"""Graph operations that hold multiply-adds; outside a layer with a rule they are reported."""


def count_keras(model: Any, *, input_shape: Any = None, path: Path | None = None) -> Complexity:
    """Count a Keras 3 model or layer at batch 1; see `Complexity` for the rules.

    Composite layers and nested models are walked down to the leaf layers with the shapes of one
    real call; a shared layer counts its multiply-adds each time, its parameters once.

    Args:
        model: The model or layer.
        input_shape: Shape of the input without the batch, if the model leaves it open.
        path: The file that the model was read from.

    Raises:
        ModelError: It is not a Keras 3 model, was quantized by Keras, or its input shape is open
            or does not fit.
    """
    if not isinstance(model, keras.layers.Layer):
        raise ModelError(
            f"{type(model).__module__}.{type(model).__name__} is not a Keras 3 model",
            fix="give a keras.Model, or the path of a .keras or .tflite file",
        )
    for layer in model._flatten_layers():
        if getattr(layer, "quantization_mode", None):
            raise ModelError(
                f"layer {layer.name!r} was quantized by Keras, whose integer weights hide from "
                "this counter",
                path=path,
                fix="measure the model before quantize(), or its .tflite file",
            )
    traced = trace(model, input_shape)
    rows, uncounted = _rows(model, traced)
    weights = _parameters(model)
    nonzero = [int(np.count_nonzero(keras.ops.convert_to_numpy(w))) for w in weights]
    item = [int(tf.as_dtype(w.dtype).size) for w in weights]
    found = activations(traced)
    torchinfo = sum(row.macs_torchinfo or 0 for row in rows)
    peak = found.peak
    return Complexity(
        source=str(path) if path else model.name,
        kind="keras",
        parameters=_size(weights),
        parameters_nonzero=sum(nonzero),
        dtypes=tuple(sorted({w.dtype for w in weights})),
        size_bytes=sum(_size([w]) * size for w, size in zip(weights, item, strict=True)),
        size_bytes_nonzero=sum(n * size for n, size in zip(nonzero, item, strict=True)),
        size_bytes_nessi=None,
        macs=sum(row.macs for row in rows),
        macs_torchinfo=torchinfo,
        macs_torchinfo_folded=torchinfo + folding_change(traced),
        macs_nessi_tflite=None,
        peak_activation_bytes=None if peak is None else peak.bytes,
        peak_at=None if peak is None else peak.at,
        peak_tensors=found.live(),
        activation_dtypes=found.dtypes(),
        file_bytes=path.stat().st_size if path else None,
        uncounted=uncounted,
        layers=tuple(rows),
    )


def _rows(model: Any, traced: Trace) -> tuple[list[LayerRow], tuple[str, ...]]:
    """Rows of the calls and of the layers that are never called; names without a rule."""
    rows, seen = [], set[int]()
    uncounted = dict.fromkeys(_multiplying_without_rule(traced))
    for call in traced.calls:
        own = _parameters(call.layer) if call.leaf else _own_parameters(call.layer)
        if not call.leaf and not own:
            continue
        # A composite layer's own weights have no rule: how its call uses them is not known.
        rule = rule_for(call.layer) if call.leaf else None
        if rule is not None:
            macs = rule(Call(call.layer, call.output_shape, _size(own)))
            if own and (not call.output_shape or None in call.output_shape):
                uncounted[call.path] = None  # an axis that only the data tell
        else:
            macs = Macs(0, _size(own) if call.leaf else 0)
            if own:
                uncounted[call.path] = None
        new = [weight for weight in own if id(weight) not in seen]
        seen.update(id(weight) for weight in new)
        rows.append(_row(call, _size(new), macs))
    used = {id(variable) for variable in traced.graph.variables}
    for layer in model._flatten_layers():
        rest = [weight for weight in _own_parameters(layer) if id(weight) not in seen]
        if not rest:
            continue
        seen.update(id(weight) for weight in rest)
        rows.append(LayerRow(layer.name, type(layer).__name__, None, _size(rest), 0, 0))
        if any(id(weight.value) in used for weight in rest):
            uncounted[layer.name] = None
    return rows, tuple(uncounted)


def _row(call: LayerCall, parameters: int, macs: Macs) -> LayerRow:
    kind = type(call.layer).__name__
    return LayerRow(
        call.path,
        kind,
        call.output_shape,
        parameters,
        macs.true,
        macs.torchinfo,
        activation_bytes=call.output_bytes,
    )


def _multiplying_without_rule(traced: Trace) -> list[str]:
    """Paths of the innermost calls that run multiply-adds without a rule."""
    names = []
    for index, operation in enumerate(traced.graph.get_operations()):
        if operation.type not in MULTIPLYING:
            continue
        around = [call for call in traced.calls if call.start <= index < call.stop]
        call = max(around, key=lambda call: call.depth)
        if not call.leaf or rule_for(call.layer) is None:
            names.append(call.path)
    return names


def _parameters(layer: Any) -> list[Any]:
    """The parameters of a layer and its sublayers, each once."""
    unique = {id(w): w for part in layer._flatten_layers() for w in _own_parameters(part)}
    return list(unique.values())


def _own_parameters(layer: Any) -> list[Any]:
    # The public `trainable_weights` is empty on a frozen layer, and a frozen weight looks like a
    # running statistic; this list keeps what the layer declared.
    return list(layer._trainable_variables)


def _size(weights: list[Any]) -> int:
    return sum(int(np.prod(weight.shape, dtype=np.int64)) for weight in weights)
