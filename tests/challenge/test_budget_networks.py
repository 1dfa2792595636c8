from dataclasses import asdict
from typing import Any

import pytest

from dssd_tf.challenge.budget_networks import FAMILIES, NETWORKS, members
from dssd_tf.complexity.block_network_cost import BlockNetwork, block_network_cost
from dssd_tf.errors import ModelError


def test_a_name_is_a_network_or_a_family_of_them() -> None:
    assert members("dsmn_f") == ("dsmn_f",)
    assert members("dssdn") == ("dssdn_large", "dssdn_middle", "dssdn_small")
    assert {name for family in FAMILIES.values() for name in family} <= set(NETWORKS)
    with pytest.raises(ModelError, match=r"unknown network .*'dssdn_smal'.*dssdn_small"):
        members("dssdn_smal")


def test_the_networks_are_those_of_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arguments with which the registry's constructors call `block_network`."""
    from dssd_tf.models import DSMN, DSSDN, dsmn, dssdn, list_models, model_config

    found: dict[str, Any] = {}

    def record(**arguments: Any) -> None:
        names = asdict(NETWORKS["dsmn_s"])
        given = {name: arguments[name] for name in names}
        found[arguments["name"]] = BlockNetwork(**given)

    entries = [model_config(name) for name in list_models()]
    entries = [entry for entry in entries if entry.constructor in (DSMN, DSSDN)]
    for room in (dsmn, dssdn):
        monkeypatch.setattr(room, "block_network", record)
    for entry in entries:
        entry.constructor(**{**entry.config, "name": entry.name})
    assert found == NETWORKS


@pytest.mark.parametrize(
    "name",
    [
        "dsmn_sf",
        "dssdn_small",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in NETWORKS
            if name not in ("dsmn_sf", "dssdn_small")
        ),
    ],
)
def test_the_networks_cost_what_the_counter_finds(name: str) -> None:
    from dssd_tf.complexity import measure
    from dssd_tf.models import create_model

    found = measure(create_model(name))
    cost = block_network_cost(NETWORKS[name])
    assert asdict(cost) == {figure: getattr(found, figure) for figure in asdict(cost)}
