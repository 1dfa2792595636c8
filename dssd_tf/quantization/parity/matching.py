"""Which layer of the float network a tensor of the int8 file is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.quantization.parity.float_network import FloatLayer
from dssd_tf.quantization.parity.int8_network import Int8Tensor

MOVES = frozenset(
    {
        *("RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE", "GATHER"),
        *("SLICE", "STRIDED_SLICE", "SPLIT", "SPLIT_V", "PAD", "PADV2"),
        *("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", "SPACE_TO_DEPTH", "DEPTH_TO_SPACE"),
    }
)
"""Operators that only move values."""

_STEP = 0.02
"""What a layer further on must gain in closeness, a step."""


def match(
    layers: Sequence[FloatLayer],
    floats: Sequence[NDArray[Any]],
    tensors: Sequence[Int8Tensor],
    reals: Sequence[NDArray[Any]],
) -> list[int | None]:
    """For each tensor the position of its layer, or None.

    Names are not used, since a file may carry none, nor the order, since the converter changes
    it. A tensor may be a layer that is computed, over any number of steps, from the layers that
    its operator's inputs are, and whose output has the same shape but for axes of size 1. Of
    these it is the one whose values are closest, less a small price a step. A layer that two
    tensors claim goes to the closer one. A tensor that is like no layer (its error exceeds the
    signal) is then the nearest layer left, if there is just one and both or neither have weights.

    Args:
        layers: The float network, each layer after what it reads; the first is the input.
        floats: Each layer's values on a few clips, all of one tensor in one flat array.
        tensors: The int8 network, in the order of computation; the first is the input.
        reals: Each tensor's real values on the same clips.
    """
    return _Matching(layers, floats, tensors, reals).matched


class _Matching:
    def __init__(
        self,
        layers: Sequence[FloatLayer],
        floats: Sequence[NDArray[Any]],
        tensors: Sequence[Int8Tensor],
        reals: Sequence[NDArray[Any]],
    ):
        self.layers, self.floats, self.tensors, self.reals = layers, floats, tensors, reals
        self.steps = _steps(layers)
        self.matched: list[int | None] = [0] + [None] * (len(tensors) - 1)
        self.holders: dict[int, tuple[int, float]] = {0: (0, np.inf)}
        for place in range(1, len(tensors)):
            self._by_values(place)
        for place in range(1, len(tensors)):
            if self.matched[place] is None:
                self._by_place(place)

    def _origins(self, place: int) -> set[int]:
        """The layers that a tensor is computed from."""
        found: set[int] = set()
        for source in self.tensors[place].inputs:
            layer = self.matched[source]
            found |= self._origins(source) if layer is None else {layer}
        return found

    def _candidates(self, place: int) -> list[tuple[int, float]]:
        """(layer, steps from the origins) of the layers that a tensor may be."""
        origins = sorted(self._origins(place))
        steps = self.steps[origins].max(axis=0) if origins else np.full(len(self.layers), np.inf)
        return [
            (i, float(steps[i]))
            for i, layer in enumerate(self.layers)
            if np.isfinite(steps[i]) and layer.shape == self.tensors[place].shape
        ]

    def _by_values(self, place: int) -> None:
        tensor = self.tensors[place]
        if tensor.operator == "QUANTIZE":  # the same values in other steps
            self.matched[place] = self.matched[tensor.inputs[0]]
            return
        rated = [
            (closeness - _STEP * steps, closeness, layer)
            for layer, steps in self._candidates(place)
            if (closeness := _closeness(self.floats[layer], self.reals[place])) > 0
        ]
        if not rated:
            return
        _, closeness, layer = max(rated)
        holder, held = self.holders.get(layer, (None, 0.0))
        if closeness > held:
            if holder is not None:
                self.matched[holder] = None
            self.matched[place] = layer
            self.holders[layer] = (place, closeness)

    def _by_place(self, place: int) -> None:
        tensor = self.tensors[place]
        if tensor.operator in MOVES:
            return
        left = [
            (steps, layer)
            for layer, steps in self._candidates(place)
            if layer not in self.holders and self.layers[layer].weighted == tensor.weighted
        ]
        nearest = [layer for steps, layer in left if steps == min(left)[0]]
        if len(nearest) == 1:
            self.matched[place] = nearest[0]
            self.holders[nearest[0]] = (place, 0.0)


def _steps(layers: Sequence[FloatLayer]) -> NDArray[np.float64]:
    """Fewest steps from a layer (row) to one computed from it (column); infinite for others."""
    steps = np.full((len(layers), len(layers)), np.inf)
    np.fill_diagonal(steps, 0.0)
    for place, layer in enumerate(layers):
        for source in layer.inputs:
            steps[:, place] = np.minimum(steps[:, place], steps[:, source] + 1)
    return steps


def _closeness(expected: NDArray[Any], found: NDArray[Any]) -> float:
    """1 less the noise by the signal: 1 for equal arrays, 0 where the noise is as large."""
    signal = float(np.square(expected, dtype=np.float64).sum())
    noise = float(np.square(expected - found, dtype=np.float64).sum())
    if signal == 0:
        return 1.0 if noise == 0 else -1.0
    return 1.0 - noise / signal
