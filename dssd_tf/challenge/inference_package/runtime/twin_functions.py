"""The operators of the twin that hold no weights, as functions of stored values.

Each takes the inputs, their grids, the output's grid and the operator's options.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from dssd_tf.challenge.inference_package.runtime.grid import Grid

Options = dict[str, Any]
Function = Callable[[Sequence[Tensor], Sequence[Grid], Grid, Options], Tensor]

_BINARY: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "SUB": torch.sub,
    "DIV": torch.div,
    "MAXIMUM": torch.maximum,
    "MINIMUM": torch.minimum,
    "SQUARED_DIFFERENCE": lambda one, other: torch.square(one - other),
    "PRELU": lambda values, slopes: torch.where(values < 0, values * slopes, values),
}
"""Of real values."""

_UNARY: dict[str, Callable[[Tensor, Options], Tensor]] = {
    "LOGISTIC": lambda x, _: torch.sigmoid(x),
    "TANH": lambda x, _: torch.tanh(x),
    "RELU": lambda x, _: torch.relu(x),
    "RELU6": lambda x, _: torch.clamp(x, 0, 6),
    "RELU_N1_TO_1": lambda x, _: torch.clamp(x, -1, 1),
    "LEAKY_RELU": lambda x, options: functional.leaky_relu(x, options["alpha"]),
    "ELU": lambda x, _: functional.elu(x),
    "HARD_SWISH": lambda x, _: functional.hardswish(x),
    "SOFTMAX": lambda x, options: torch.softmax(x * options["beta"], dim=-1),
    "EXP": lambda x, _: torch.exp(x),
    "LOG": lambda x, _: torch.log(x),
    "SQRT": lambda x, _: torch.sqrt(torch.clamp(x, min=0)),
    "RSQRT": lambda x, _: torch.rsqrt(torch.clamp(x, min=0)),
    "ABS": lambda x, _: torch.abs(x),
    "NEG": lambda x, _: torch.neg(x),
    "SQUARE": lambda x, _: torch.square(x),
}

_REDUCTIONS: dict[str, Callable[..., Tensor]] = {
    "MEAN": torch.mean,
    "SUM": torch.sum,
    "REDUCE_MAX": torch.amax,
    "REDUCE_MIN": torch.amin,
}


def _unary(kind: str) -> Function:
    def apply(
        inputs: Sequence[Tensor], grids: Sequence[Grid], to: Grid, options: Options
    ) -> Tensor:
        return to.put(_UNARY[kind](grids[0].real(inputs[0]), options) / to.scale)

    return apply


def _binary(kind: str) -> Function:
    def apply(
        inputs: Sequence[Tensor], grids: Sequence[Grid], to: Grid, options: Options
    ) -> Tensor:
        real = _BINARY[kind](grids[0].real(inputs[0]), grids[1].real(inputs[1]))
        return to.put(real / to.scale, options["activation"])

    return apply


def _sum(inputs: Sequence[Tensor], grids: Sequence[Grid], to: Grid, options: Options) -> Tensor:
    """XNNPACK's kernel: both scales as whole multiples of one power of two, halves go up."""
    ratios = [grid.scale / to.scale for grid in grids]
    if not to.rounds:
        return to.put(inputs[0] + inputs[1], options["activation"])
    shift = 21 - math.frexp(max(ratios))[1]
    total = sum(
        (stored - grid.zero_point).to(torch.float64) * round(ratio * 2.0**shift)
        for stored, grid, ratio in zip(inputs, grids, ratios, strict=True)
    )
    steps = torch.floor(total * 2.0**-shift + 0.5)
    return to.put(steps.to(torch.float32), options["activation"])


def _product(inputs: Sequence[Tensor], grids: Sequence[Grid], to: Grid, options: Options) -> Tensor:
    """The product of integers is exact; one scale brings it to the output's grid."""
    one, other = grids
    whole = (inputs[0] - one.zero_point) * (inputs[1] - other.zero_point)
    return to.put(whole * (one.scale * other.scale / to.scale), options["activation"])


def _reduction(kind: str) -> Function:
    def apply(
        inputs: Sequence[Tensor], grids: Sequence[Grid], to: Grid, options: Options
    ) -> Tensor:
        whole = inputs[0] - grids[0].zero_point
        reduced = _REDUCTIONS[kind](whole, options["axes"], options["keep_dims"])
        return to.put(reduced * (grids[0].scale / to.scale))

    return apply


def _regrid(stored: Tensor, grid: Grid, to: Grid) -> Tensor:
    same = (grid.scale, grid.zero_point, grid.rounds) == (to.scale, to.zero_point, to.rounds)
    return stored if same else to.put(grid.real(stored) / to.scale)


def _requantize(
    inputs: Sequence[Tensor], grids: Sequence[Grid], to: Grid, options: Options
) -> Tensor:
    """XNNPACK's kernel between two grids: the ratio of the scales has eight binary places."""
    if not (grids[0].rounds and to.rounds):
        return _regrid(inputs[0], grids[0], to)
    ratio = round(256 * grids[0].scale / to.scale)
    return to.put(torch.floor((inputs[0] - grids[0].zero_point) * ratio / 256 + 0.5))


def _moved(move: Callable[[Sequence[Tensor], Sequence[Grid], Options], Tensor]) -> Function:
    """An operator that moves values about, all inputs on the grid of the first."""

    def apply(
        inputs: Sequence[Tensor], grids: Sequence[Grid], to: Grid, options: Options
    ) -> Tensor:
        return _regrid(move(inputs, grids, options), grids[0], to)

    return apply


def _concatenate(
    inputs: Sequence[Tensor], grids: Sequence[Grid], to: Grid, options: Options
) -> Tensor:
    parts = [_regrid(part, grid, to) for part, grid in zip(inputs, grids, strict=True)]
    return torch.cat(parts, dim=options["axis"])


def _reshape(inputs: Sequence[Tensor], _: Sequence[Grid], options: Options) -> Tensor:
    return inputs[0].reshape(options["shape"])


def _slice(inputs: Sequence[Tensor], _: Sequence[Grid], options: Options) -> Tensor:
    steps = zip(options["begin"], options["end"], options["strides"], strict=True)
    return inputs[0][tuple(slice(*step) for step in steps)]


def _pad(inputs: Sequence[Tensor], grids: Sequence[Grid], options: Options) -> Tensor:
    flat = [size for pair in reversed(options["paddings"]) for size in pair]
    return functional.pad(inputs[0], flat, value=grids[0].zero_point)


def _max_pool(inputs: Sequence[Tensor], _: Sequence[Grid], options: Options) -> Tensor:
    top, bottom, left, right = options["padding"]
    edges = (left, right, top, bottom)
    padded = functional.pad(inputs[0].permute(0, 3, 1, 2), edges, value=float("-inf"))
    pooled = functional.max_pool2d(padded, options["filter"], options["stride"])
    return pooled.permute(0, 2, 3, 1)


def _average_pool(
    inputs: Sequence[Tensor], grids: Sequence[Grid], to: Grid, options: Options
) -> Tensor:
    """The mean over what lies inside the input, padding left out."""
    top, bottom, left, right = options["padding"]
    edges, size, stride = (left, right, top, bottom), options["filter"], options["stride"]
    x = inputs[0].permute(0, 3, 1, 2)
    counts = functional.pad(torch.ones_like(x[:1, :1]), edges)
    total = functional.avg_pool2d(functional.pad(x, edges), size, stride, divisor_override=1)
    number = functional.avg_pool2d(counts, size, stride, divisor_override=1)
    mean = (total / number).permute(0, 2, 3, 1)
    # LiteRT's kernel averages the stored values, and halves go away from zero.
    rounded = torch.sign(mean) * torch.floor(torch.abs(mean) + 0.5) if grids[0].rounds else mean
    return to.put(
        (rounded - grids[0].zero_point) * (grids[0].scale / to.scale), options["activation"]
    )


FUNCTIONS: dict[str, Function] = {
    **{kind: _unary(kind) for kind in _UNARY},
    **{kind: _binary(kind) for kind in _BINARY},
    **{kind: _reduction(kind) for kind in _REDUCTIONS},
    "ADD": _sum,
    "MUL": _product,
    "CONCATENATION": _concatenate,
    "AVERAGE_POOL_2D": _average_pool,
    "MAX_POOL_2D": _moved(_max_pool),
    "RESHAPE": _moved(_reshape),
    "TRANSPOSE": _moved(lambda inputs, _, options: inputs[0].permute(options["permutation"])),
    "SLICE": _moved(_slice),
    "PAD": _moved(_pad),
    "QUANTIZE": _requantize,
    "DEQUANTIZE": _moved(lambda inputs, _, options: inputs[0]),
}
"""By TFLite's names of the operators."""
