from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from dssd_tf.challenge.budget_prices import (
    FAULTS,
    MACS,
    PARAMETERS,
    TORCHINFO,
    combinations,
    priced,
    require_few,
    tables,
)
from dssd_tf.complexity.block_network_cost import BlockNetwork, block_network_cost
from dssd_tf.errors import ModelError

WIDTHS = np.array([8, 12, 20])
NETWORK = BlockNetwork("sc_g", (8, 16, 2), 4, "SFF", (8, 8, 8), stem_width=8, hidden_units=5)


def test_widths_never_shrink_and_each_row_comes_once() -> None:
    found = [tuple(row) for part in combinations(3, 3) for row in part.tolist()]
    expected = [row for row in product(range(3), repeat=3) if list(row) == sorted(row)]
    assert found == expected


@pytest.mark.parametrize("pattern", ["SFF", "SSS", "FSF"])
def test_the_tables_price_every_row_as_its_closed_form(pattern: str) -> None:
    prices = tables(NETWORK, ["SFF", "SSS", "FSF"], WIDTHS)
    (chosen,) = combinations(3, 3)
    costs = priced(prices, pattern, chosen)
    for row, column in zip(WIDTHS[chosen].tolist(), costs.T, strict=True):
        network = replace(NETWORK, pattern=pattern, widths=tuple(row))
        try:
            cost = block_network_cost(network)
        except ModelError:
            assert column[FAULTS] > 0
            continue
        assert column[FAULTS] == 0
        assert column[PARAMETERS] == cost.parameters
        assert (column[MACS], column[TORCHINFO]) == (cost.macs, cost.macs_torchinfo)


def test_a_search_without_end_is_refused_with_its_size() -> None:
    require_few(16, 5)
    with pytest.raises(ModelError, match=r"200 widths in 5 blocks make 2,\d{3},\d{3},\d{3} comb"):
        require_few(200, 5)
