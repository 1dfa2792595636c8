"""Signal-to-quantization-noise ratio and saturation of each tensor of an int8 file."""

import dataclasses
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError
from dssd_tf.quantization.parity.float_network import FloatLayer, FloatNetwork
from dssd_tf.quantization.parity.int8_network import Int8Network, Int8Tensor
from dssd_tf.quantization.parity.matching import MOVES, match

_CLIPS_TO_MATCH = 2


@dataclass(frozen=True)
class TensorParity:
    """One tensor of the int8 file against its layer of the float network.

    Args:
        operator: Kind of the operator that gives it; ``input`` for the network's input.
        shape: Without the batch axis and axes of size 1.
        scale: Real value of one step.
        zero_point: The integer that stands for 0.
        saturated: Share of values at an end of the range that does not stand for 0, in [0, 1].
        layer: Name of its layer; None, as all below, where the operator computes but a part of
            a layer, or no layer was found.
        type: Class of the layer.
        signal: Mean square of the layer's values.
        noise: Mean square of the difference.
        clipped: Share of the layer's values that lie outside the tensor's range, in [0, 1].
    """

    operator: str
    shape: tuple[int, ...]
    scale: float
    zero_point: int
    saturated: float
    layer: str | None = None
    type: str | None = None
    signal: float | None = None
    noise: float | None = None
    clipped: float | None = None

    @property
    def sqnr_db(self) -> float | None:
        """10 log10(signal / noise); None without a layer, or if one of both is 0."""
        if not self.signal or not self.noise:
            return None
        return 10 * math.log10(self.signal / self.noise)

    def as_json(self) -> dict[str, Any]:
        """As a row of `parity.json`."""
        return {
            "layer": self.layer,
            "type": self.type,
            "operator": self.operator,
            "shape": list(self.shape),
            "sqnr_db": self.sqnr_db,
            "signal": self.signal,
            "noise": self.noise,
            "saturated": self.saturated,
            "clipped": self.clipped,
            "scale": self.scale,
            "zero_point": self.zero_point,
        }


def layer_parity(
    deployed: keras.Model, content: bytes, clips: Iterable[NDArray[np.float32]]
) -> list[TensorParity]:
    """Compare the tensors of an int8 file with the layers of the float network.

    Tensors are in the order of computation; see `matching.match` for how each finds its layer.
    Operators that only move values are left out where what they read is compared. After
    quantization-aware training the noise holds what that training changed as well. One clip is
    in memory at a time, two while matching.

    Args:
        deployed: The float network in deploy form, from which the file was made.
        content: The full-int8 flatbuffer, batch 1.
        clips: Features (time, frequency, channels) of each clip.

    Raises:
        ModelError: There are no clips, they do not fit a network, or the file is not an int8
            network.
    """
    reference, int8 = FloatNetwork(deployed), Int8Network(content)
    if reference.input_shape != int8.input_shape:
        raise ModelError(
            f"the int8 model takes {int8.input_shape}, the float one {reference.input_shape} "
            "(time, frequency, channels)",
            fix="quantize the float model again",
        )
    rest = iter(clips)
    first = list(itertools.islice(rest, _CLIPS_TO_MATCH))
    for clip in first[:1] or [np.zeros(0, np.float32)]:
        if clip.shape != reference.input_shape:
            raise ModelError(
                f"clips of shape {clip.shape} for a network that takes {reference.input_shape}",
                fix="give at least one clip of that shape",
            )
    tensors = int8.tensors
    matched = _matched(reference, int8, first)
    sums = [_Sums() for _ in tensors]
    for clip in itertools.chain(first, rest):
        floats, raws = reference.run(clip), int8.run(clip)
        for tensor, layer, raw, total in zip(tensors, matched, raws, sums, strict=True):
            total.add(tensor, raw, None if layer is None else floats[layer])
    return [
        _row(tensor, total, None if layer is None else reference.layers[layer])
        for tensor, layer, total in zip(tensors, matched, sums, strict=True)
        if tensor.operator not in MOVES
        or (layer is not None and all(matched[i] is None for i in tensor.inputs))
    ]


def _matched(
    reference: FloatNetwork, int8: Int8Network, clips: list[NDArray[np.float32]]
) -> list[int | None]:
    floats = [np.concatenate(values) for values in zip(*map(reference.run, clips), strict=True)]
    raws = [np.concatenate(values) for values in zip(*map(int8.run, clips), strict=True)]
    reals = [
        tensor.real(raw).astype(np.float32) for tensor, raw in zip(int8.tensors, raws, strict=True)
    ]
    return match(reference.layers, floats, int8.tensors, reals)


@dataclass
class _Sums:
    values: int = 0
    saturated: int = 0
    signal: float = 0.0
    noise: float = 0.0
    clipped: int = 0

    def add(
        self, tensor: Int8Tensor, raw: NDArray[Any], expected: NDArray[np.float32] | None
    ) -> None:
        self.values += raw.size
        self.saturated += tensor.saturated(raw)
        if expected is not None:
            self.signal += float(np.square(expected, dtype=np.float64).sum())
            self.noise += float(np.square(expected - tensor.real(raw)).sum())
            self.clipped += tensor.clipped(expected)


def _row(tensor: Int8Tensor, total: _Sums, layer: FloatLayer | None) -> TensorParity:
    alone = TensorParity(
        operator=tensor.operator,
        shape=tensor.shape,
        scale=tensor.scale,
        zero_point=tensor.zero_point,
        saturated=total.saturated / total.values,
    )
    if layer is None:
        return alone
    return dataclasses.replace(
        alone,
        layer=layer.name,
        type=layer.kind,
        signal=total.signal / total.values,
        noise=total.noise / total.values,
        clipped=total.clipped / total.values,
    )
