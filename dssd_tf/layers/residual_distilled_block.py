"""The distilled block with a residual connection."""

from typing import Any

import keras
from keras import ops

from dssd_tf.layers.checks import require_grid, require_positive
from dssd_tf.layers.distilled_block import DistilledBlock
from dssd_tf.layers.forms import pointwise
from dssd_tf.layers.normalization import batch_normalization


@keras.saving.register_keras_serializable(package="dssd_tf")
class ResidualDistilledBlock(DistilledBlock):
    """A `DistilledBlock` whose input is added to its output; pool and taps can be chosen.

    With o the distilled and attended parts of the `DistilledBlock` of the same form:
    ``y = AvgPool(ReLU(BN(conv1x1_C'(o)) + shortcut))``. The shortcut is ``low + high`` in form S
    and x in form F; where C differs from C', a 1x1 convolution without bias and batch
    normalization behind it.

    Input: (batch, time T, frequency F, channels C); F even with `split`.
    Output: (batch, T // a, F // (2 b), `filters` C') with `split`, else (batch, T // a, F // b,
    C'), where (a, b) is the pool.
    Parameters: those of the `DistilledBlock`, and ``C C' + 2 C'`` where C differs from C'.

    Source: ours. The block is that of DSMN (Wang, Wu & Li, DCASE 2023 technical report 61), the
    connection that of He et al. (Deep Residual Learning, CVPR 2016). It is in neither
    arXiv 2405.03567 nor DSMN, as far as is known.

    Args:
        filters: Output channels C'.
        operator: Name of the operator, see `OPERATORS`.
        split: Form S if true, form F if false.
        distilled_filters: d; None means C // 2.
        pool_size: (time, frequency) of the average pool; None means that of the
            `DistilledBlock`, (1, 1) means none.
        dilation_rate: Distance of the operators' taps; on a small grid 1 leaves no gaps.

    Raises:
        ValueError: As for the `DistilledBlock`, or pool or dilation are not from 1 up.
    """

    def __init__(
        self,
        filters: int,
        *,
        operator: str = "sc",
        split: bool = True,
        distilled_filters: int | None = None,
        pool_size: tuple[int, int] | None = None,
        dilation_rate: int = 2,
        **kwargs: Any,
    ):
        super().__init__(
            filters,
            operator=operator,
            split=split,
            distilled_filters=distilled_filters,
            **kwargs,
        )
        if pool_size is not None and (len(pool_size) != 2 or min(pool_size) < 1):
            raise ValueError(f"pool_size must be two numbers from 1 up, got {pool_size}")
        self.pool_size = None if pool_size is None else (pool_size[0], pool_size[1])
        require_positive(self.name, dilation_rate=dilation_rate)
        self.dilation_rate = dilation_rate

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make and build the parts.

        Raises:
            ValueError: As for the `DistilledBlock`.
        """
        super().build(input_shape)
        batch, time, bands, channels = require_grid(self.name, input_shape)
        assert channels is not None
        self.project = None
        if channels == self.filters:
            return
        inner = {"dtype": self.dtype_policy}
        self.project = keras.layers.Conv2D(self.filters, 1, use_bias=False, name="project", **inner)
        self.project_norm = batch_normalization(name="project_norm", **inner)
        if self.split:
            assert bands is not None
            bands = bands // 2
        self.project.build((batch, time, bands, channels))
        self.project_norm.build((batch, time, bands, self.filters))

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Apply the block.

        Raises:
            ValueError: As `compute_output_shape`.
        """
        self.compute_output_shape(inputs.shape)
        joined = self._combined(inputs, training)
        shortcut = inputs
        if self.split:
            low, high = self.halves(inputs)
            shortcut = low + high
        if self.project is not None:
            shortcut = self.project_norm(pointwise(self.project, shortcut), training=training)
        return self.pool(ops.relu(self.norm(joined, training=training) + shortcut))

    def _taps(self) -> dict[str, Any]:
        return {"dilation_rate": self.dilation_rate}

    def _pool_size(self) -> tuple[int, int]:
        return super()._pool_size() if self.pool_size is None else self.pool_size

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this layer again."""
        own = {"pool_size": self.pool_size, "dilation_rate": self.dilation_rate}
        return {**super().get_config(), **own}
