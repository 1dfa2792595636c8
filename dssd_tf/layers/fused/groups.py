"""From the channels of a group to their sum and back, a part of a row at a time."""

from typing import Any

from numpy.typing import NDArray

from dssd_tf.layers.fused.compiled import compiled

Array = NDArray[Any]


@compiled
def gather(
    row: Array, affine: Array, scale: Array, activated: bool, product: Array, out: Array
) -> None:
    """Write the members of each group, activated, scaled and added up, to `out`.

    `row`, `affine` (3, …), `scale` and `product` are a whole number of groups longer than `out`.
    """
    factor, offset, centre = affine[0], affine[1], affine[2]
    zero = row.dtype.type(0)
    if activated:
        for j in range(row.size):
            linear = factor[j] * (row[j] - centre[j]) + offset[j]
            # So asked, NaN stays NaN.
            product[j] = (zero if linear <= zero else linear) * scale[j]
    else:
        for j in range(row.size):
            product[j] = row[j] * scale[j]
    members = row.size // out.size
    if members == 1:
        for j in range(out.size):
            out[j] = product[j]
    elif members == 2:
        for j in range(out.size):
            out[j] = product[2 * j] + product[2 * j + 1]
    else:
        for j in range(out.size):
            total = zero
            for i in range(members):
                total += product[members * j + i]
            out[j] = total


@compiled
def spread(row: Array, out: Array) -> None:
    """Give every member of a group in `out` the value of the group in `row`."""
    members = out.size // row.size
    if members == 1:
        for j in range(row.size):
            out[j] = row[j]
    elif members == 2:
        for j in range(row.size):
            out[2 * j] = row[j]
            out[2 * j + 1] = row[j]
    else:
        for j in range(row.size):
            for i in range(members):
                out[members * j + i] = row[j]
