"""The numbers that a tensor of the deployed model can hold."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

_LIMITS = {"int8": (-128, 127), "uint8": (0, 255)}
_ACTIVATIONS: dict[str, tuple[float | None, float | None]] = {
    "NONE": (None, None),
    "RELU": (0.0, None),
    "RELU6": (0.0, 6.0),
    "RELU_N1_TO_1": (-1.0, 1.0),
}


@dataclass(frozen=True)
class Grid:
    """Quantized tensors are kept as their stored integers, in floating point.

    Real value = scale × (stored − zero_point). A float tensor has scale 1, zero point 0 and no
    limits.
    """

    scale: float = 1.0
    zero_point: int = 0
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, tensor: dict[str, Any]) -> "Grid":
        """The grid of an entry of the graph's tensors."""
        if tensor["scale"] is None:
            return cls()
        return cls(tensor["scale"], tensor["zero_point"], *_LIMITS[tensor["dtype"]])

    @property
    def rounds(self) -> bool:
        """Whether the tensor is quantized."""
        return self.low is not None

    def real(self, stored: Tensor) -> Tensor:
        """Real values of stored ones."""
        return (stored - self.zero_point) * self.scale if self.rounds else stored

    def put(self, steps: Tensor, activation: str = "NONE") -> Tensor:
        """Stored values of real ones that are given in steps of the scale.

        Args:
            steps: Real values, divided by the scale.
            activation: TFLite's name of the fused activation.
        """
        low, high = _ACTIVATIONS[activation]
        if not self.rounds:
            return steps if activation == "NONE" else torch.clamp(steps, low, high)
        stored = torch.round(steps) + self.zero_point
        least, most = self.low, self.high
        if least is not None and low is not None:
            least = max(least, self.zero_point + round(low / self.scale))
        if most is not None and high is not None:
            most = min(most, self.zero_point + round(high / self.scale))
        return torch.clamp(stored, least, most)
