"""Which tensors have a quantization range of their own, and which share one."""

from dataclasses import dataclass

from dssd_tf.quantization.qat.primitive import Primitive

FIXED = {
    "sigmoid": (0.0, 255 / 256),
    "softmax": (0.0, 255 / 256),
    "tanh": (-1.0, 127 / 128),
}
"""Ranges that the runtime's kernels prescribe."""

_ON_GRID = {"slice", "pad", "max_pool", "maximum", "reshape"}
"""Their outputs are values of their input, so they need no rounding."""

_SAME_SCALE = {*_ON_GRID, "average_pool", "concatenate"}
"""The runtime's kernels take one scale for input and output."""


@dataclass(frozen=True)
class RangePlan:
    """How each primitive's output is quantized.

    Args:
        group: For each primitive, the number of its range; None: it is not rounded here.
        observes: For each primitive, whether its values widen that range.
        fixed: By number of a range, the range where the runtime prescribes it.
    """

    group: tuple[int | None, ...]
    observes: tuple[bool, ...]
    fixed: dict[int, tuple[float, float]]

    @property
    def groups(self) -> list[int]:
        """The ranges that are observed."""
        return sorted({g for g in self.group if g is not None and g not in self.fixed})


def plan_ranges(primitives: list[Primitive], *, shared_add_scale: bool = True) -> RangePlan:
    """Give a range to each tensor.

    Kernels that take one scale for input and output (pools, slices, padding, concatenation)
    share the range of their inputs, as the converter would make them do; what was trained is then
    what runs.

    Args:
        primitives: With fused activations.
        shared_add_scale: Inputs of an addition share one range, so that it stays within XNNPACK.
    """
    parent = list(range(len(primitives)))

    def find(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    fixed = {n: FIXED[p.kind] for n, p in enumerate(primitives) if p.kind in FIXED}

    def join(one: int, other: int) -> bool:
        """One range for both, unless the runtime prescribes different ones."""
        one, other = sorted((find(one), find(other)))
        if one == other:
            return True
        if one in fixed and other in fixed and fixed[one] != fixed[other]:
            return False
        parent[other] = one
        if other in fixed:
            fixed[one] = fixed.pop(other)
        return True

    for index, primitive in enumerate(primitives):
        if primitive.kind in _SAME_SCALE - {"concatenate"}:
            join(primitive.inputs[0], index)
    # After the others, so that it is known what is prescribed: a prescribed range is not forced
    # on tensors that a concatenation or an addition would bring to it.
    for index, primitive in enumerate(primitives):
        if primitive.kind == "concatenate":
            free = [n for n in primitive.inputs if find(n) not in fixed]
            for source in free:
                join(source, index)
        elif primitive.kind in ("add", "subtract") and shared_add_scale:
            one, other = primitive.inputs
            if find(one) not in fixed and find(other) not in fixed:
                join(one, other)
    return RangePlan(
        group=tuple(None if p.kind in _ON_GRID else find(n) for n, p in enumerate(primitives)),
        observes=tuple(
            p.kind not in FIXED
            and p.kind not in _ON_GRID | {"average_pool"}
            and find(n) not in fixed
            and not (p.kind == "concatenate" and all(find(m) == find(n) for m in p.inputs))
            for n, p in enumerate(primitives)
        ),
        fixed=fixed,
    )
