"""The deep space separable distilled block (DSSDB), forms S and F."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from dssd_tf.layers.checks import require_grid, require_positive
from dssd_tf.layers.efficient_channel_attention import EfficientChannelAttention
from dssd_tf.layers.forms import fused, pointwise
from dssd_tf.layers.frequency_split import FrequencySplit
from dssd_tf.layers.normalization import batch_normalization
from dssd_tf.layers.operators import make_operator, require_operator
from dssd_tf.layers.separable_conv import SeparableConv


@keras.saving.register_keras_serializable(package="dssd_tf")
class DistilledBlock(keras.layers.Layer):
    """Three operators in a row whose inputs are distilled by 1x1 convolutions and fused.

    With d distilled channels, Op any operator of this room, and the 1x1 convolutions biased:

    - split (S): ``low, high = split(x)``; ``x3 = Op_d(Op_C(Op_C(low)))``;
      ``o = conv1x1_d(low) + conv1x1_d(high) + x3``; pool (2, 1).
    - full (F): ``x1 = Op_C(x)``; ``x2 = Op_C(x1)``; ``x3 = Op_d(x2)``;
      ``o = concat[conv1x1_d(x), conv1x1_d(x1), x3]``; pool (2, 2).

    Then both: ``y = AvgPool(ReLU(BN(conv1x1_C'(ECA(o)))))``, pooling (time, frequency), floor.
    No residual connection, no activation behind the distilling convolutions.

    Input: (batch, time T, frequency F, channels C); F even with `split`.
    Output: (batch, T // 2, F // 2, `filters` C').
    Parameters with SC-g: S 18 C + (C + 8 d) + 2 (C d + d) + 3 + (d C' + C') + 2 C';
    F the same with 3 d C' for d C'. Multiply-adds: those of the parts on their grids.

    Source: the block of DSMN (Wang, Wu & Li, DCASE 2023 technical report 61), verified against
    its reference networks; named DSSDB in Ye & Tian (arXiv 2405.03567, 2024). Tag: exact with
    operator ``sc_g``; with the other operators a reconstruction of the latter.

    Args:
        filters: Output channels C'.
        operator: Name of the operator, see `OPERATORS`.
        split: Form S if true, form F if false.
        distilled_filters: d; None means C // 2.

    Raises:
        ValueError: A number of channels is no whole number from 1 up, or the operator is unknown.
    """

    def __init__(
        self,
        filters: int,
        *,
        operator: str = "sc",
        split: bool = True,
        distilled_filters: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        require_positive(self.name, filters=filters)
        if distilled_filters is not None:
            require_positive(self.name, distilled_filters=distilled_filters)
        require_operator(operator)
        self.filters, self.operator, self.split = filters, operator, split
        self.distilled_filters = distilled_filters

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make and build the parts.

        Raises:
            ValueError: The rank is not 4, an odd frequency axis is to be split, the grid is too
                small to be pooled by two, or no channel is left by the distillation.
        """
        batch, time, bands, channels = require_grid(self.name, input_shape)
        self.compute_output_shape(input_shape)
        assert channels is not None
        distilled = channels // 2 if self.distilled_filters is None else self.distilled_filters
        if distilled < 1:
            raise ValueError(
                f"{self.name}: {distilled} distilled channels of an input of shape "
                f"{tuple(input_shape)}; give it 2 channels or more, or set distilled_filters."
            )
        inner = {"dtype": self.dtype_policy}
        grid = (batch, time, bands, channels)
        if self.split:
            self.halves = FrequencySplit(name="split", **inner)
            self.halves.build(grid)
            assert bands is not None
            grid = (batch, time, bands // 2, channels)
        self.operators = [
            make_operator(self.operator, width, name=f"operator{index}", **self._taps(), **inner)
            for index, width in enumerate((channels, channels, distilled), start=1)
        ]
        self.distill = [
            keras.layers.Conv2D(distilled, 1, name=f"distill{index}", **inner) for index in (1, 2)
        ]
        self.attention = EfficientChannelAttention(name="attention", **inner)
        self.fuse = keras.layers.Conv2D(self.filters, 1, name="fuse", **inner)
        self.norm = batch_normalization(**inner)
        self.pool = keras.layers.AveragePooling2D(self._pool_size(), name="pool", **inner)
        for part in (*self.operators, *self.distill):
            part.build(grid)
        fused_width = distilled if self.split else 3 * distilled
        fused = (*grid[:-1], fused_width)
        self.attention.build(fused)
        self.fuse.build(fused)
        self.norm.build((*grid[:-1], self.filters))
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Apply the block.

        Raises:
            ValueError: As `compute_output_shape`.
        """
        # An axis that was open when the block was built may turn out too short to be pooled.
        self.compute_output_shape(inputs.shape)
        joined = self._combined(inputs, training)
        if fused(joined):
            from dssd_tf.layers.fused.steps import normed

            return normed(self.norm, joined, training, self.pool.pool_size)
        return self.pool(ops.relu(self.norm(joined, training=training)))

    def _combined(self, inputs: Any, training: bool | None) -> Any:
        """What the last 1x1 convolution makes of the distilled parts, not normalized."""
        if self.split:
            low, high = self.halves(inputs)
            x3 = self._chain(self.operators, low, training)
            joined = pointwise(self.distill[0], low) + pointwise(self.distill[1], high) + x3
        else:
            x1 = self.operators[0](inputs, training=training)
            x3 = self._chain(self.operators[1:], x1, training)
            parts = [pointwise(self.distill[0], inputs), pointwise(self.distill[1], x1), x3]
            joined = ops.concatenate(parts, axis=-1)
        return pointwise(self.fuse, self.attention(joined))

    def _chain(self, operators: Sequence[keras.layers.Layer], x: Any, training: bool | None) -> Any:
        """The operators one after another; fused, nothing between them is written to memory."""
        if not fused(x) or not all(
            isinstance(op, SeparableConv) and op.grouped for op in operators
        ):
            for operator in operators:
                x = operator(x, training=training)
            return x
        from dssd_tf.layers.fused.steps import applied

        for operator in operators:
            x = operator.pending(x, training)
        return applied(x)

    def _taps(self) -> dict[str, Any]:
        """How the operators' taps lie, where that is not their own default."""
        return {}

    def _pool_size(self) -> tuple[int, int]:
        """(time, frequency) of the pool: what the split has not halved yet."""
        return (2, 1) if self.split else (2, 2)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(batch, T // 2, F // 2, filters).

        Raises:
            ValueError: Time or frequency is below 2, so that pooling leaves nothing.
        """
        batch, *grid, _ = require_grid(self.name, input_shape)
        time, frequency = self._pool_size()
        factors = (time, frequency * (2 if self.split else 1))
        for axis, size, factor in zip(("time", "frequency"), grid, factors, strict=True):
            if size is not None and size < factor:
                raise ValueError(
                    f"{self.name}: the {axis} axis has size {size} in shape {tuple(input_shape)} "
                    f"and cannot be reduced by {factor}; use fewer blocks or a larger input."
                )
        left = [
            None if size is None else size // factor
            for size, factor in zip(grid, factors, strict=True)
        ]
        return (batch, *left, self.filters)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "operator": self.operator,
            "split": self.split,
            "distilled_filters": self.distilled_filters,
        }
