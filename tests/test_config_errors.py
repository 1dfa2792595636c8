from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError, field_validator, model_validator

from dssd_tf.config import Config
from dssd_tf.config_errors import choice, describe_errors, nearest


class Inner(Config):
    window: int = 4

    @field_validator("window")
    @classmethod
    def _even(cls, window: int) -> int:
        if window % 2:
            raise ValueError("must be even")
        return window


class Circle(Config):
    kind: Literal["circle"] = "circle"
    radius: float = 1.0
    inner: Inner = Inner()


class Square(Config):
    kind: Literal["square", "box"] = "square"
    side: float = 1.0

    @model_validator(mode="after")
    def _sized(self) -> "Square":
        if self.side == 0:
            raise ValueError("has no size")
        return self


Shape = Annotated[Circle | Square, Field(discriminator="kind")]


class Outer(Config):
    name: str
    inner: Inner = Inner()
    maybe: Inner | None = None
    many: tuple[Inner, ...] = ()
    shapes: tuple[Shape, ...] = ()
    shape: Circle | Square | None = Field(None, discriminator="kind")
    either: Circle | Inner | None = None

    @model_validator(mode="after")
    def _named(self) -> "Outer":
        if self.name == "reserved":
            raise ValueError("name 'reserved' is taken")
        return self


def _message(values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(values)
    return describe_errors(caught.value, Outer)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "x", "iner": {}}, "iner: unknown key, did you mean 'inner'?"),
        (
            {"name": "x", "inner": {"windo": 2}},
            "inner.windo: unknown key, did you mean 'window'?",
        ),
        (
            {"name": "x", "maybe": {"windo": 2}},
            "maybe.windo: unknown key, did you mean 'window'?",
        ),
        (
            {"name": "x", "many": [{}, {"windo": 2}]},
            "many.1.windo: unknown key, did you mean 'window'?",
        ),
        ({"name": "x", "zzz": 1}, "zzz: unknown key"),
        ({}, "name: missing"),
        ({"name": "x", "inner": {"window": 3}}, "inner.window: must be even, found 3"),
        ({"name": "reserved"}, "name 'reserved' is taken"),
    ],
)
def test_one_error(values: Any, message: str) -> None:
    assert _message(values) == message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"shapes": [{"kind": "square"}, {"kind": "circel"}]},
            "shapes.1.kind: must be one of 'circle', 'square', 'box', found 'circel', "
            "did you mean 'circle'?",
        ),
        (
            {"shape": {"kind": "zzz"}},
            "shape.kind: must be one of 'circle', 'square', 'box', found 'zzz'",
        ),
        (
            {"shape": {"side": 2}},
            "shape.kind: missing, must be one of 'circle', 'square', 'box'",
        ),
        (
            {"shapes": [{"kind": "circle", "radus": 2}]},
            "shapes.0.radus: unknown key, did you mean 'radius'?",
        ),
        (
            {"shapes": [{"kind": "box", "sied": 2}]},
            "shapes.0.sied: unknown key, did you mean 'side'?",
        ),
        (
            {"shape": {"kind": "circle", "inner": {"windo": 2}}},
            "shape.inner.windo: unknown key, did you mean 'window'?",
        ),
        (
            {"shapes": [{"kind": "circle", "inner": {"window": 3}}]},
            "shapes.0.inner.window: must be even, found 3",
        ),
        (
            {"shapes": [{"kind": "square", "side": 0}]},
            "shapes.0: has no size, found {'kind': 'square', 'side': 0}",
        ),
    ],
)
def test_in_a_union_told_apart_by_a_field_only_the_keys_of_the_file_are_named(
    values: Any, message: str
) -> None:
    assert _message({"name": "x", **values}) == message


def test_in_a_plain_union_each_member_is_tried() -> None:
    message = _message({"name": "x", "either": {"windowed": 2}})
    assert (
        message
        == "either.windowed: unknown key; either.windowed: unknown key, did you mean 'window'?"
    )


def test_every_error_is_told_at_once_in_one_line() -> None:
    message = _message({"name": 5, "inner": {"window": "wide", "windo": 1}})
    assert message.count("; ") == 2
    assert "name: " in message
    assert "inner.window: " in message
    assert "found 'wide'" in message
    assert "inner.windo: unknown key" in message
    assert "\n" not in message


def test_a_long_value_is_cut() -> None:
    message = _message({"name": "x", "inner": {"window": "w" * 500}})
    assert "www..." in message
    assert len(message) < 200


def test_a_value_that_is_no_mapping_names_the_file() -> None:
    assert _message([1, 2]).startswith("the file: ")


def test_a_choice_is_the_nearest_names_or_all() -> None:
    assert choice("DSMN_X", ["dsmn_f", "dsmn_s", "other"]) == "did you mean dsmn_s or dsmn_f?"
    assert choice("zzz", ["dsmn_f", "other"]) == "choose one of dsmn_f, other"


def test_nearest_offers_nothing_for_a_far_name() -> None:
    assert nearest("epohcs", ["epochs", "batch_size"]) == ", did you mean 'epochs'?"
    assert nearest("zzz", ["epochs"]) == ""
    assert nearest("x", []) == ""


def test_nearest_prefers_the_shortest_name_that_goes_on_from_the_given_one() -> None:
    names = ["macs", "macro_accuracy_sd", "macro_accuracy"]
    assert nearest("macro", names) == ", did you mean 'macro_accuracy'?"
    assert nearest("ma", ["macro_accuracy"]) == ""
