"""The layers of the twin that hold weights: what a counter of torch modules sees.

Their weights are the deployed model's own integers. `forward` takes and gives stored values; see
`Grid`. Where all sums of a layer fit float32's 24 bits, it computes in float32, else in float64:
either way sums are exact, as in an integer kernel.
"""

from typing import Any

import torch
from torch import Tensor, nn

from dssd_tf.challenge.inference_package.runtime.grid import Grid
from dssd_tf.challenge.inference_package.runtime.twin_functions import FUNCTIONS

_EXACT = 2**24


class _Weighted(nn.Module):
    """A layer whose output is (input · weight + bias), by channel, brought to the output's grid."""

    def __init__(
        self,
        options: dict[str, Any],
        weight: nn.Parameter,
        bias: nn.Parameter | None,
        scale: Tensor,
        source: Grid,
        target: Grid,
    ):
        super().__init__()
        self.weight, self.bias = weight, bias
        self._options, self._source, self._target = options, source, target
        multiplier = scale * source.scale / target.scale
        self.register_buffer("multiplier", multiplier.to(torch.float32))
        self._dtype = _exact_type(weight, bias) if source.rounds else torch.float32

    def _operands(self, stored: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Input, weight and bias in a type whose sums of them are exact."""
        bias = None if self.bias is None else self.bias.to(self._dtype)
        values = (stored - self._source.zero_point).to(self._dtype)
        return values, self.weight.to(self._dtype), bias

    def _put(self, sums: Tensor, multiplier: Tensor) -> Tensor:
        steps = sums.to(torch.float32) * multiplier
        return self._target.put(steps, self._options["activation"])


class Conv2d(_Weighted):
    """A convolution, depthwise and grouped ones too.

    Input: (clips, height, width, channels). Output: (clips, channels, height, width), since
    torchinfo takes axis 1 for the channels.

    Args:
        options: stride and dilation (height, width), padding (top, bottom, left, right), groups,
            activation.
        weight: (out, in / groups, height, width).
        bias: (out,) or None.
        scale: (1,) or (out,) scales of the weights.
        source: Grid of the input.
        target: Grid of the output.
    """

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """(height, width), which torchinfo asks for."""
        return tuple(self.weight.shape[2:])

    def forward(self, stored: Tensor) -> Tensor:
        """See the class."""
        options = self._options
        top, bottom, left, right = options["padding"]
        values, weight, bias = self._operands(stored)
        padded = nn.functional.pad(values.permute(0, 3, 1, 2), (left, right, top, bottom))
        sums = nn.functional.conv2d(
            padded, weight, bias, options["stride"], 0, options["dilation"], options["groups"]
        )
        return self._put(sums, self.multiplier.reshape(-1, 1, 1))


class Linear(_Weighted):
    """A dense layer over the last axis, or over all but the first where that has the weights' size.

    Args:
        options: activation; ``shape``, that of the output.
        weight: (out, in).
        bias: (out,) or None.
        scale: (1,) or (out,) scales of the weights.
        source: Grid of the input.
        target: Grid of the output.
    """

    def forward(self, stored: Tensor) -> Tensor:
        """See the class."""
        values, weight, bias = self._operands(stored)
        sums = nn.functional.linear(values.reshape(-1, weight.shape[1]), weight, bias)
        return self._put(sums, self.multiplier).reshape(-1, *self._options["shape"][1:])


class ConstantOperation(nn.Module):
    """An element-wise operation with a constant: a scale, an offset, a PReLU's slopes.

    Args:
        options: kind (TFLite's name), activation, and whether the constant comes first.
        weight: The constant, of a shape that broadcasts.
        constant: Grid of the constant.
        source: Grid of the input.
        target: Grid of the output.
    """

    def __init__(
        self,
        options: dict[str, Any],
        weight: nn.Parameter,
        constant: Grid,
        source: Grid,
        target: Grid,
    ):
        super().__init__()
        self.weight = weight
        self._options, self._constant = options, constant
        self._source, self._target = source, target

    def forward(self, stored: Tensor) -> Tensor:
        """See the class."""
        inputs = [stored, self.weight.to(torch.float32)]
        grids = [self._source, self._constant]
        if self._options["constant_first"]:
            inputs.reverse()
            grids.reverse()
        return FUNCTIONS[self._options["kind"]](inputs, grids, self._target, self._options)


def _exact_type(weight: Tensor, bias: Tensor | None) -> torch.dtype:
    most = 255 * weight.to(torch.float64).abs().flatten(1).sum(1)
    if bias is not None:
        most = most + bias.to(torch.float64).abs()
    return torch.float32 if float(most.max()) < _EXACT else torch.float64
