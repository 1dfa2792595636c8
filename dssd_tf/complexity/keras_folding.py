"""What the torchinfo rule gives once batch normalization is folded into the layer before it."""

import math

import keras

from dssd_tf.complexity.keras_trace import LayerCall, Trace

_layers = keras.layers
_CONVOLUTIONS = (
    *(_layers.Conv1D, _layers.Conv2D, _layers.Conv3D),
    *(_layers.DepthwiseConv1D, _layers.DepthwiseConv2D),
    *(_layers.SeparableConv1D, _layers.SeparableConv2D),
)


def folding_change(traced: Trace) -> int:
    """How many multiply-adds of the torchinfo rule folding adds; negative where it saves.

    The rule counts a bias at each position, but a normalization's 2C parameters once. So the
    network that computes the same with fewer operations has the higher figure: the 2024
    baseline has 29,419,156 before and 30,216,768 after.

    Folded is each `BatchNormalization` that is alone in reading what a convolution, or a dense
    layer, gives. A bias that is there already serves.
    """
    leaves = {
        index: call for call in traced.calls if call.leaf for index in range(call.start, call.stop)
    }
    makers: dict[str, LayerCall] = {}
    sources: dict[int, dict[int, LayerCall]] = {}
    readers: dict[int, set[int]] = {}
    for index, operation in enumerate(traced.graph.get_operations()):
        here = leaves.get(index)
        # An operation between the layers is a reader of its own.
        reader = -1 - index if here is None else id(here)
        for tensor in operation.inputs:
            maker = makers.get(tensor.name)
            if maker is not None and maker is not here:
                readers.setdefault(id(maker), set()).add(reader)
                sources.setdefault(reader, {})[id(maker)] = maker
        if here is not None:
            makers.update((tensor.name, here) for tensor in operation.outputs)
    given = {id(makers[t.name]) for t in traced.outputs if t.name in makers}
    change = 0
    for norm in {id(call): call for call in leaves.values()}.values():
        before = list(sources.get(id(norm), {}).values())
        if not isinstance(norm.layer, _layers.BatchNormalization) or len(before) != 1:
            continue
        (source,) = before
        foldable = isinstance(source.layer, (*_CONVOLUTIONS, _layers.Dense))
        if foldable and readers[id(source)] == {id(norm)} and id(source) not in given:
            change += _change(norm, source)
    return change


def _change(norm: LayerCall, source: LayerCall) -> int:
    parameters = sum(math.prod(weight.shape) for weight in norm.layer._trainable_variables)
    if source.layer.use_bias:
        return -parameters
    dense = isinstance(source.layer, _layers.Dense)
    bias = source.layer.units if dense else math.prod(n or 1 for n in source.output_shape)
    return bias - parameters
