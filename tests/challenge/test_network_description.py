import json
from collections.abc import Callable
from typing import Any

import keras
import pytest

from dssd_tf.challenge.network_description import (
    Argument,
    NetworkDescription,
    describe_network,
    layer_frame,
)
from dssd_tf.complexity import measure
from dssd_tf.errors import ModelError
from dssd_tf.models import registry

SMALL = {"pattern": "SF", "widths": [8, 8], "input_shape": [16, 32, 1], "classes": 3}


@pytest.fixture(scope="module")
def small() -> NetworkDescription:
    return describe_network("dsmn_s", SMALL)


def test_the_registry_entry_and_the_docstring(small: NetworkDescription) -> None:
    assert (small.name, small.constructor) == ("dsmn_s", "DSMN")
    assert small.summary == registry.model_config("dsmn_s").summary
    assert small.description.startswith("The DSMN networks: distilled blocks")
    assert "\n" not in small.description
    assert small.source.startswith("Wang, Wu & Li")
    assert "Tag" not in small.source
    assert small.tag == "exact"


def test_arguments_say_who_set_them(small: NetworkDescription) -> None:
    assert small.arguments["dropout"] == Argument(0.3, "default")
    assert small.arguments["name"] == Argument("dsmn_s", "registered")
    assert small.arguments["widths"] == Argument([8, 8], "given")
    assert small.arguments["pattern"] == Argument("SF", "given")
    assert next(iter(small.arguments)) == "pattern"


def test_registered_arguments_stand_before_defaults() -> None:
    network = describe_network("cp_mobile")
    assert network.arguments["width_multiplier"].origin == "default"
    other = describe_network("baseline_2024")
    assert other.arguments["width_multiplier"] == Argument(1.8, "registered")
    assert (other.complexity.parameters, other.complexity.macs_torchinfo) == (61_148, 29_419_156)
    assert other.tag is None


def test_shapes_counts_and_headroom_are_of_the_network_as_changed(
    small: NetworkDescription,
) -> None:
    assert (small.input_shape, small.output_shape) == ((16, 32, 1), (3,))
    model = registry.create_model("dsmn_s", **SMALL)
    assert small.complexity.parameters == sum(w.shape.num_elements() for w in _values(model))
    assert small.complexity == measure(model)
    assert {limit.measured for limit in small.headroom} == {
        small.complexity.parameters,
        small.complexity.macs_torchinfo,
        None,
    }


def _values(model: keras.Model) -> list[Any]:
    return [weight.value for weight in model.trainable_weights]


def test_shares_add_up_to_the_whole(small: NetworkDescription) -> None:
    frame = layer_frame(small.complexity)
    assert len(frame) == len(small.complexity.layers)
    for column in ("parameters", "macs", "macs_torchinfo"):
        assert frame[column].sum() == getattr(small.complexity, column)
        assert frame[f"{column}_percent"].sum() == pytest.approx(100)
    row = frame.set_index("name").loc["hidden"]
    assert row["parameters_percent"] == pytest.approx(
        100 * row["parameters"] / small.complexity.parameters
    )
    assert row["output_shape"] == [1, 100]


def test_a_network_without_parameters_has_no_shares() -> None:
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    frame = layer_frame(measure(model))
    assert frame["parameters_percent"].tolist() == [0.0]
    assert frame["macs_percent"].tolist() == [0.0]


def test_a_constructor_without_words(small_network: str) -> None:
    network = describe_network(small_network, {"input_shape": (8, 8, 1), "classes": 2})
    assert (network.description, network.source, network.tag) == ("", None, None)
    assert network.arguments["width"] == Argument(4, "default")
    assert network.arguments["classes"] == Argument(2, "given")


def test_the_description_is_plain_data(small: NetworkDescription) -> None:
    value = json.loads(json.dumps(small.to_dict(), allow_nan=False))
    assert value["arguments"]["classes"] == {"value": 3, "origin": "given"}
    assert value["input_shape"] == [16, 32, 1]
    assert value["complexity"]["parameters"] == small.complexity.parameters
    assert "layers" not in value["complexity"]
    assert [layer["name"] for layer in value["layers"]] == [
        layer.name for layer in small.complexity.layers
    ]
    assert value["headroom"] == [limit.to_dict() for limit in small.headroom]


@pytest.mark.parametrize(
    ("name", "overrides", "reason"),
    [
        ("dsmn_q", {}, "unknown model 'dsmn_q'.*dsmn_s"),
        ("dsmn_s", {"clases": 3}, "unexpected keyword argument 'clases'"),
        ("dsmn_s", {"widths": [8]}, "same length"),
        ("cp_mobile", {"strides": "wide"}, "'cp_mobile' cannot be built: AttributeError"),
    ],
)
def test_what_cannot_be_built_is_told(name: str, overrides: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as caught:
        describe_network(name, overrides)
    assert "\n" not in str(caught.value)


def test_features_without_the_classifier(small: NetworkDescription) -> None:
    options = {key: value for key, value in SMALL.items() if key != "classes"}
    network = describe_network("dsmn_s", {**options, "include_top": False})
    assert network.output_shape == (4, 8, 8)
    assert network.complexity.parameters < small.complexity.parameters


def test_parsed_documents(monkeypatch: pytest.MonkeyPatch, small_network: str) -> None:
    monkeypatch.setattr(registry, "_ENTRIES", dict(registry._ENTRIES))
    build: Callable[..., keras.Model] = registry.model_config(small_network).constructor

    def documented(*, name: str) -> keras.Model:
        """One network,
        told in two lines.

        Tag: reconstructed.

        Source: a paper
        (2020).
        """
        return build(name=name, input_shape=(8, 8, 1), classes=2)

    registry.register("documented", documented, "words")
    network = describe_network("documented")
    assert network.description == "One network, told in two lines."
    assert network.source == "a paper (2020)."
    assert network.tag == "reconstructed"
