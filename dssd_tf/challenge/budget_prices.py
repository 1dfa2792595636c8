"""What every combination of widths costs, from one table a block."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace
from itertools import combinations_with_replacement, islice, product

import numpy as np

from dssd_tf.complexity.block_network_cost import BlockNetwork, block_cost, fixed_cost
from dssd_tf.errors import ModelError

MOST_COMBINATIONS = 2_000_000
"""Of widths, for one pattern; over all patterns of five blocks that takes half a minute."""

_CHUNK = 2**16

PARAMETERS, MACS, TORCHINFO, FAULTS = range(4)
"""Rows of the arrays of costs: parameters, multiply-adds that happen, those by torchinfo, and the
number of blocks that cannot be built."""


def tables(
    network: BlockNetwork, patterns: Sequence[str], widths: np.ndarray
) -> dict[tuple[int, str], np.ndarray]:
    """Costs (4, input widths, output widths) of each block in each form it takes.

    The fixed part of the network's cost is that of its first block.
    """
    found = {}
    for index, forms in enumerate(zip(*patterns, strict=True)):
        inputs = widths.tolist() if index else [network.stem_width]
        for form in set(forms):
            one = replace(network, pattern=form * len(patterns[0]))
            table = np.zeros((4, len(inputs), len(widths)), np.int64)
            for (row, c), (column, d) in product(enumerate(inputs), enumerate(widths.tolist())):
                try:
                    cost = block_cost(one, index, c, d)
                except ModelError:
                    table[FAULTS, row, column] = 1
                    continue
                cost = cost if index else cost + fixed_cost(one)
                table[:FAULTS, row, column] = astuple(cost)
            found[index, form] = table
    return found


def priced(
    prices: dict[tuple[int, str], np.ndarray], pattern: str, chosen: np.ndarray
) -> np.ndarray:
    """Costs (4, networks) of widths `chosen` (networks, blocks) by their numbers."""
    costs = np.zeros((4, len(chosen)), np.int64)
    inputs = np.zeros(len(chosen), np.intp)
    for index, form in enumerate(pattern):
        outputs = chosen[:, index]
        costs += prices[index, form][:, inputs, outputs]
        inputs = outputs
    return costs


def require_few(choices: int, blocks: int) -> None:
    """Refuse a search that would not end soon.

    Raises:
        ModelError: There are more than `MOST_COMBINATIONS` of so many widths in so many blocks.
    """
    count = math.comb(choices + blocks - 1, blocks)
    if count > MOST_COMBINATIONS:
        raise ModelError(
            f"{choices} widths in {blocks} blocks make {count:,} combinations, at most "
            f"{MOST_COMBINATIONS:,} are tried",
            fix="give fewer widths",
        )


def combinations(choices: int, blocks: int) -> Iterator[np.ndarray]:
    """Numbers of the widths that do not shrink, (networks, blocks), in parts."""
    every = combinations_with_replacement(range(choices), blocks)
    while part := list(islice(every, _CHUNK)):
        yield np.array(part, np.intp)
