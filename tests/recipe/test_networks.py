import sys

import pytest

from dssd_tf.models import list_models, model_config
from dssd_tf.recipe.networks import NETWORKS, known_networks


def test_every_name_of_the_registry_is_known_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    of_the_package = [
        name
        for name in list_models()
        if model_config(name).constructor.__module__.startswith("dssd_tf.models.")
    ]
    assert list(NETWORKS) == of_the_package
    monkeypatch.delitem(sys.modules, "dssd_tf.models.registry")
    assert known_networks() == sorted(NETWORKS)


def test_what_a_program_registers_is_known(small_network: str) -> None:
    assert small_network in list_models()
    assert small_network in known_networks()
