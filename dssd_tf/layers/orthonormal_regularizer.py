"""A penalty that keeps the rows of a pointwise kernel orthonormal."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="dssd_tf")
class OrthonormalRegularizer(keras.regularizers.Regularizer):
    """``weight * ||P Pᵀ - I||_F`` for a pointwise kernel of P, (1, 1, inputs, outputs).

    P has one row an output. Orthonormal rows cost 0, and there the gradient is 0 as well, not
    undefined.

    Source: the orthonormal loss of BSConv-S, Haase & Amthor (CVPR 2020).

    Args:
        weight: Factor of the penalty; 0 switches it off.

    Raises:
        ValueError: `weight` is negative or not finite.
    """

    def __init__(self, weight: float = 0.1):
        if not 0 <= weight < float("inf"):
            raise ValueError(
                f"the penalty's weight must be finite and not negative, got {weight}; "
                "0 switches it off."
            )
        self.weight = weight

    def __call__(self, x: Any) -> Any:
        """The penalty of the kernel `x`, a scalar."""
        # In mixed precision the kernel comes in half precision, where squares may overflow.
        kernel = ops.reshape(ops.cast(x, "float32"), (-1, x.shape[-1]))
        excess = ops.matmul(ops.transpose(kernel), kernel) - ops.eye(x.shape[-1])
        square = ops.sum(ops.square(excess))
        positive = square > 0
        root = ops.sqrt(ops.where(positive, square, ops.ones_like(square)))
        return self.weight * ops.where(positive, root, ops.zeros_like(root))

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this regularizer again."""
        return {"weight": self.weight}
