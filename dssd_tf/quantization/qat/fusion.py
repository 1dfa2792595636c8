"""Activations that the int8 runtime computes along with the step before them."""

from dataclasses import replace

from dssd_tf.quantization.qat.primitive import Primitive

_TAKES_RELU = ("conv", "depthwise", "dense", "add", "subtract", "multiply")


def fuse_relu(primitives: list[Primitive]) -> list[Primitive]:
    """Move each ReLU into the step it follows, where nothing else needs that step's output.

    Between the two there is then no tensor, so no range either: an observer there would cut
    what the runtime does not cut.
    """
    consumers = [0] * len(primitives)
    for primitive in primitives:
        for index in primitive.inputs:
            consumers[index] += 1
    kept: list[Primitive] = []
    places: list[int] = []
    for primitive in primitives:
        inputs = tuple(places[index] for index in primitive.inputs)
        if primitive.kind in ("relu", "relu6") and consumers[primitive.inputs[0]] == 1:
            before = kept[inputs[0]]
            if before.kind in _TAKES_RELU and before.activation is None:
                kept[inputs[0]] = replace(before, activation=primitive.kind)
                places.append(inputs[0])
                continue
        places.append(len(kept))
        kept.append(replace(primitive, inputs=inputs))
    return kept
