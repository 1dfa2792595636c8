"""One step of a network as the int8 runtime has it."""

from dataclasses import dataclass, field
from typing import Any, Literal

from numpy.typing import NDArray

Kind = Literal[
    "input",
    "conv",
    "depthwise",
    "dense",
    "relu",
    "relu6",
    "leaky_relu",
    "sigmoid",
    "tanh",
    "softmax",
    "sqrt",
    "rsqrt",
    "add",
    "subtract",
    "multiply",
    "divide",
    "concatenate",
    "slice",
    "pad",
    "average_pool",
    "max_pool",
    "mean",
    "maximum",
    "sum",
    "reshape",
]


@dataclass(frozen=True)
class Primitive:
    """An operation with one output.

    Args:
        kind: What it does.
        name: The layer it came from, for messages.
        inputs: Positions of its inputs in the list of primitives.
        options: Settings, named as those of the Keras layer of this kind.
        weights: Kernel, then bias if there is one.
        activation: ``relu`` or ``relu6`` that the runtime computes along with it.
    """

    kind: Kind
    name: str
    inputs: tuple[int, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    weights: tuple[NDArray[Any], ...] = ()
    activation: Literal["relu", "relu6"] | None = None
