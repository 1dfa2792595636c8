"""What a network of distilled blocks costs, by closed forms: no network is built, no Keras loaded.

The figures are those that `measure` counts on the network built by `block_network`. A network's
cost is the sum of a fixed part and of one part a block, which depends on the block's form, its
place and its two widths only; a search over widths needs no more than a table of them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from dssd_tf.errors import ModelError


@dataclass(frozen=True)
class BlockNetwork:
    """A network of the DSMN or DSSDN family, as the arguments of `block_network` give it.

    Args:
        operator: Name of the blocks' operator, see `dssd_tf.layers.OPERATORS`.
        input_shape: (time, frequency, channels).
        classes: Outputs of the classifier.
        pattern: One letter a block: S with the high/low split, F without.
        widths: Output channels of the blocks.
        distilled_width: Distilled channels of every block; "same" means the block's input
            channels, None half of them.
        stem_width: Channels of the first 1x1 convolution.
        hidden_units: Units of the hidden dense layer.
    """

    operator: str
    input_shape: tuple[int, int, int]
    classes: int
    pattern: str = "SFFFF"
    widths: tuple[int, ...] = (24, 32, 64, 64, 64)
    distilled_width: int | str | None = None
    stem_width: int = 16
    hidden_units: int = 100

    def grid(self, index: int) -> tuple[int, int]:
        """(time, frequency) at the input of block `index`, from 0; each block halves both."""
        time, frequency, _ = self.input_shape
        return time >> index, frequency >> index


@dataclass(frozen=True)
class BlockNetworkCost:
    """Counts of a network or a part of it, at batch 1 and inference.

    Args:
        parameters: Weights that training can change.
        macs: Multiply-adds that really happen; batch normalization one for each element.
        macs_torchinfo: Multiply-adds by the torchinfo rule: a convolution's parameters times its
            output positions, all other parameters once.
    """

    parameters: int = 0
    macs: int = 0
    macs_torchinfo: int = 0

    def __add__(self, other: "BlockNetworkCost") -> "BlockNetworkCost":
        return BlockNetworkCost(
            self.parameters + other.parameters,
            self.macs + other.macs,
            self.macs_torchinfo + other.macs_torchinfo,
        )


def block_network_cost(network: BlockNetwork) -> BlockNetworkCost:
    """The cost of the whole network, classifier included.

    Equals `parameters`, `macs` and `macs_torchinfo` of `dssd_tf.complexity.measure`.

    Raises:
        ModelError: The network cannot be built.
    """
    require_pattern(network)
    if len(network.pattern) != len(network.widths):
        raise ModelError(
            f"pattern {network.pattern!r} and widths {network.widths} differ in length",
            fix="give one letter and one width a block",
        )
    total, inputs = fixed_cost(network), network.stem_width
    for index, width in enumerate(network.widths):
        total += block_cost(network, index, inputs, width)
        inputs = width
    return total


def fixed_cost(network: BlockNetwork) -> BlockNetworkCost:
    """The part that no block's width changes: stem, biases of the hidden layer, last layer.

    Raises:
        ModelError: A size is not positive, or the operator or the distilled width is unknown.
    """
    _require_sizes(network)
    time, frequency, channels = network.input_shape
    hidden, classes = network.hidden_units, network.classes
    last = hidden * classes
    stem = _convolution(channels * network.stem_width, network.stem_width, time * frequency)
    return (
        stem
        + BlockNetworkCost(hidden, 0, hidden)
        + BlockNetworkCost(last + classes, last, last + classes)
    )


def block_cost(network: BlockNetwork, index: int, inputs: int, outputs: int) -> BlockNetworkCost:
    """The cost of one block, and of the hidden layer's weights that read its pool.

    `widths` of the network play no part.

    Args:
        network: Gives the operator, the grid and the block's form.
        index: The block's place, from 0; the first one's pool is not read.
        inputs: Its input channels C.
        outputs: Its output channels C'.

    Raises:
        ModelError: The operator cannot be built with so many channels, or a width is not
            positive.
    """
    if min(inputs, outputs) < 1:
        raise ModelError(
            f"width {min(inputs, outputs)} of block {index + 1} is not positive",
            fix="give widths of 1 or more",
        )
    split = network.pattern[index] == "S"
    time, frequency = network.grid(index)
    positions = time * (frequency // 2 if split else frequency)
    distilled = _distilled(network, index, inputs)
    fused = distilled if split else 3 * distilled
    weights = _OPERATORS[network.operator]
    total = BlockNetworkCost()
    for width in (inputs, inputs, distilled):
        total += _convolution(weights(inputs, width), 0, positions)
        total += _normalization(width, positions)
    for _ in range(2):
        total += _convolution(inputs * distilled, distilled, positions)
    total += BlockNetworkCost(3, 3 * fused, 3 * fused)  # The attention: a kernel of 3, one filter.
    total += _convolution(fused * outputs, outputs, positions) + _normalization(outputs, positions)
    if index:
        read = network.hidden_units * outputs
        total += BlockNetworkCost(read, read, read)
    return total


def require_pattern(network: BlockNetwork) -> None:
    """Check the pattern, and that the input can be split and halved as it asks for.

    Raises:
        ModelError: The pattern has other letters than S and F or fewer than two, or the grid at
            one of its blocks is odd where it is split, or too small.
    """
    pattern = network.pattern
    if len(pattern) < 2 or set(pattern) - {"S", "F"}:
        raise ModelError(
            f"pattern {pattern!r} is not a row of two or more letters S and F",
            fix="give one letter a block, for example SFFFF",
        )
    for index, form in enumerate(pattern):
        time, frequency = network.grid(index)
        where = f"pattern {pattern!r} at input {network.input_shape}: block {index + 1} gets "
        if min(time, frequency) < 2:
            raise ModelError(
                f"{where}a grid of {time} x {frequency} (time x frequency), too small to be halved",
                fix="use fewer blocks or a larger input",
            )
        if form == "S" and frequency % 2:
            raise ModelError(
                f"{where}{frequency} bands, an odd number that cannot be split",
                fix="use F for this block or another number of mel bands",
            )


def _separable(inputs: int, outputs: int) -> int:
    return inputs * outputs + 6 * outputs


def _grouped(inputs: int, outputs: int) -> int:
    return inputs + 6 * outputs


def _orthonormal(inputs: int, outputs: int) -> int:
    bottleneck = min(inputs, max(4, math.ceil(inputs / 4)))
    return bottleneck * (inputs + outputs) + 6 * outputs


def _partial(inputs: int, outputs: int) -> int:
    convolved = inputs // 4
    projection = inputs * outputs if inputs != outputs else 0
    return convolved**2 + 6 * convolved + projection


_OPERATORS: dict[str, Callable[[int, int], int]] = {
    "sc": _separable,
    "sc_g": _grouped,
    "osc": _orthonormal,
    "spc": _partial,
}
"""Weights of an operator's convolutions, which all run once at every position, without bias."""


def _convolution(weights: int, biases: int, positions: int) -> BlockNetworkCost:
    both = weights + biases
    return BlockNetworkCost(both, weights * positions, both * positions)


def _normalization(channels: int, positions: int) -> BlockNetworkCost:
    return BlockNetworkCost(2 * channels, channels * positions, 2 * channels)


def _distilled(network: BlockNetwork, index: int, inputs: int) -> int:
    """Distilled channels of a block, checked against its operator."""
    given = network.distilled_width
    distilled = inputs // 2 if given is None else inputs if isinstance(given, str) else given
    what = f"block {index + 1} with {inputs} input channels: "
    if distilled < 1:
        raise ModelError(f"{what}no channel is left by the distillation", fix="widen its input")
    if network.operator == "sc_g" and inputs % distilled:
        raise ModelError(
            f"{what}operator 'sc_g' needs a multiple of the {distilled} distilled channels",
            fix="change the widths or use operator 'sc'",
        )
    if network.operator == "spc" and inputs < 4:
        raise ModelError(
            f"{what}operator 'spc' needs 4 or more", fix="widen its input or use operator 'sc'"
        )
    return distilled


def _require_sizes(network: BlockNetwork) -> None:
    if network.operator not in _OPERATORS:
        raise ModelError(
            f"unknown operator {network.operator!r}", fix=f"choose one of {', '.join(_OPERATORS)}"
        )
    given = network.distilled_width
    if given not in (None, "same") and not (isinstance(given, int) and given >= 1):
        raise ModelError(
            f"distilled_width {given!r} is unknown",
            fix="give a whole number from 1 up, 'same' or None",
        )
    sizes = {
        "input_shape": min(network.input_shape),
        "classes": network.classes,
        "stem_width": network.stem_width,
        "hidden_units": network.hidden_units,
    }
    for name, size in sizes.items():
        if size < 1:
            raise ModelError(f"{name} has size {size}", fix="give sizes of 1 or more")
