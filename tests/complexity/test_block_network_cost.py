from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from dssd_tf.complexity import measure
from dssd_tf.complexity.block_network_cost import (
    BlockNetwork,
    block_cost,
    block_network_cost,
    fixed_cost,
)
from dssd_tf.errors import ModelError
from dssd_tf.layers import OPERATORS
from dssd_tf.models.block_network import block_network

DSMN = BlockNetwork("sc_g", (44, 256, 2), 13)
DSSDN = BlockNetwork("sc", (44, 256, 1), 10)


@pytest.fixture
def measured() -> Callable[[BlockNetwork], dict[str, int]]:
    """Build a network in Keras and count it."""

    def count(network: BlockNetwork) -> dict[str, int]:
        rest: dict[str, Any] = {
            "include_top": True,
            "weights": None,
            "pooling": None,
            "classifier_activation": None,
            "dropout": 0.3,
            "name": "network",
        }
        found = measure(block_network(**asdict(network), **rest))
        assert not found.uncounted
        return {name: getattr(found, name) for name in ("parameters", "macs", "macs_torchinfo")}

    return count


@pytest.mark.parametrize(
    ("pattern", "widths", "parameters", "macs"),
    [
        ("SSSSS", (24, 32, 64, 64, 64), 45_164, 8_645_641),
        ("FFFFF", (24, 32, 64, 64, 64), 56_556, 25_441_889),
        ("SFFFF", (24, 32, 64, 64, 64), 56_172, 16_746_033),
        ("SSSSS", (24, 128, 128, 128, 128), 140_748, 20_920_441),
    ],
)
def test_the_published_figures_of_dsmn(
    pattern: str, widths: tuple[int, ...], parameters: int, macs: int
) -> None:
    cost = block_network_cost(replace(DSMN, pattern=pattern, widths=widths))
    assert (cost.parameters, cost.macs_torchinfo) == (parameters, macs)


@pytest.mark.parametrize(
    ("operator", "parameters"), [("sc", 80_373), ("osc", 69_069), ("spc", 60_061)]
)
def test_the_parameters_of_the_variants_of_dssdn(operator: str, parameters: int) -> None:
    assert block_network_cost(replace(DSSDN, operator=operator)).parameters == parameters


@pytest.mark.slow
@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("seed", range(3))
def test_it_is_what_the_counter_finds_on_the_built_network(
    operator: str, seed: int, measured: Callable[[BlockNetwork], dict[str, int]]
) -> None:
    random = np.random.default_rng([seed, len(operator), ord(operator[-1])])
    blocks = int(random.integers(2, 4))
    split_first = random.integers(2)
    # The first block may split an even axis whose half is odd; the others then may not.
    bands = int(random.choice([22, 26, 38]) if split_first else random.choice([19, 23, 31]))
    widths = random.integers(4, 14, size=blocks)
    if operator == "sc_g":
        widths[:-1] += widths[:-1] % 2
    network = BlockNetwork(
        operator=operator,
        input_shape=(int(random.integers(9, 20)), bands, int(random.integers(1, 4))),
        classes=int(random.integers(2, 14)),
        pattern="SF"[1 - split_first] + "F" * (blocks - 1),
        widths=tuple(map(int, widths)),
        distilled_width=[None, "same", int(random.choice([1, 2]))][seed],
        stem_width=int(random.choice([4, 6, 10])),
        hidden_units=int(random.integers(3, 9)),
    )
    assert asdict(block_network_cost(network)) == measured(network)


@pytest.mark.slow
@pytest.mark.parametrize("operator", OPERATORS)
def test_it_is_what_the_counter_finds_with_a_split_behind_a_full_block(
    operator: str, measured: Callable[[BlockNetwork], dict[str, int]]
) -> None:
    network = BlockNetwork(operator, (13, 25, 1), 3, "FSF", (8, 12, 7), hidden_units=5)
    assert network.grid(1) == (6, 12)
    assert asdict(block_network_cost(network)) == measured(network)


@pytest.mark.parametrize(
    ("operator", "inputs"),
    [("spc", 8), ("sc", 3), ("osc", 3)],
    ids=["partial without projection", "one distilled channel", "bottleneck of all channels"],
)
def test_it_follows_the_special_cases_of_the_operators(
    operator: str, inputs: int, measured: Callable[[BlockNetwork], dict[str, int]]
) -> None:
    distilled = 8 if operator == "spc" else None
    network = BlockNetwork(
        operator, (8, 16, 1), 2, "SF", (inputs, 5), distilled, stem_width=inputs, hidden_units=2
    )
    assert asdict(block_network_cost(network)) == measured(network)


def test_the_whole_is_the_sum_of_its_parts() -> None:
    parts = fixed_cost(DSSDN)
    for index, (inputs, outputs) in enumerate(zip((16, *DSSDN.widths), DSSDN.widths, strict=False)):
        parts += block_cost(DSSDN, index, inputs, outputs)
    assert parts == block_network_cost(DSSDN)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pattern": "SFXFF"}, "'SFXFF'"),
        ({"pattern": ""}, "two or more"),
        ({"pattern": "S", "widths": (8,)}, "'S'"),
        ({"pattern": "SF"}, "differ in length"),
        ({"widths": (8, 8, 0, 8, 8)}, "width 0 of block 3"),
        ({"operator": "conv"}, "'conv'"),
        ({"distilled_width": "half"}, "'half'"),
        ({"distilled_width": 0}, "distilled_width 0"),
        ({"classes": 0}, "classes has size 0"),
        ({"input_shape": (44, 255, 1)}, "255 bands"),
        ({"input_shape": (20, 256, 1)}, "1 x 16"),
        ({"operator": "sc_g", "widths": (5, 8, 8, 8, 8)}, "multiple of the 2"),
        ({"operator": "spc", "widths": (3, 8, 8, 8, 8)}, "needs 4"),
        ({"widths": (1, 8, 8, 8, 8)}, "no channel is left"),
    ],
)
def test_what_cannot_be_built_has_no_cost(change: dict[str, Any], words: str) -> None:
    network = replace(DSSDN, **change)
    with pytest.raises(ModelError, match=words) as error:
        block_network_cost(network)
    assert error.value.fix
    # The closed forms refuse nothing that Keras would build.
    if change.keys() & {"pattern", "widths", "operator"}:
        with pytest.raises(ValueError):
            block_network(
                **asdict(network),
                include_top=True,
                weights=None,
                pooling=None,
                classifier_activation=None,
                dropout=0.3,
                name="network",
            )
