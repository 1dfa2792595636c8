import json
from typing import Any

import pytest
from pydantic import ValidationError

from dssd_tf.report.parity_schema import Flips, PairParity, Parity, SystemParity, TensorParity


def _flips(**changes: Any) -> dict[str, Any]:
    counts = {"clips": 9, "changed": 3, "right_to_wrong": 2, "wrong_to_right": 1}
    return counts | changes


def _pair(**changes: Any) -> dict[str, Any]:
    names = {"reference": "float", "other": "int8"}
    numbers = {"argmax": 0.9, "mean_abs_logit": 0.1, "max_abs_logit": 0.5}
    return names | numbers | {"flips": {"bus": _flips()}} | changes


def _tensor(**changes: Any) -> dict[str, Any]:
    return {"operator": "CONV_2D", "shape": [8, 8, 4], "saturated": 0.01} | changes


def _parity(**changes: Any) -> dict[str, Any]:
    systems = {name: {"macro_accuracy": 0.5, "log_loss": 1.2} for name in ("float", "int8")}
    layers = {"clips": 4, "tensors": [_tensor(), _tensor(layer="stem", sqnr_db=-3.5)]}
    return {"clips": 9, "systems": systems, "pairs": [_pair()], "layers": layers} | changes


def test_a_file_is_read_back_as_it_was_written():
    value = _parity()
    parity = Parity.model_validate_json(json.dumps(value))
    assert parity.model_dump(exclude_unset=True) == value
    assert parity.layers is not None
    assert [tensor.layer for tensor in parity.layers.tensors] == [None, "stem"]


def test_layers_may_be_left_out():
    value = _parity()
    del value["layers"]
    assert Parity.model_validate(value).layers is None


def test_a_tensor_needs_no_layer_and_no_ratio():
    tensor = TensorParity.model_validate(_tensor())
    found = (tensor.layer, tensor.type, tensor.sqnr_db, tensor.noise, tensor.clipped)
    assert found == (None,) * 5


def test_a_scalar_tensor_and_an_empty_class_are_fine():
    assert TensorParity.model_validate(_tensor(shape=[])).shape == []
    flips = Flips.model_validate(dict.fromkeys(_flips(), 0))
    assert flips.clips == 0
    assert PairParity.model_validate(_pair(flips={})).flips == {}


def test_keys_of_a_newer_version_are_ignored():
    assert Parity.model_validate(_parity(seed=3)) == Parity.model_validate(_parity())


def test_a_checked_value_cannot_be_changed():
    pair = PairParity.model_validate(_pair())
    with pytest.raises(ValidationError, match="frozen"):
        pair.argmax = 0.1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Flips, _flips(changed=-1)),
        (Flips, _flips(changed=1.0)),
        (Flips, _flips(clips="9")),
        (Flips, _flips(wrong_to_right=None)),
        (PairParity, _pair(argmax=1.01)),
        (PairParity, _pair(mean_abs_logit=-0.1)),
        (PairParity, _pair(max_abs_logit=float("nan"))),
        (PairParity, _pair(max_abs_logit=float("inf"))),
        (PairParity, _pair(reference=None)),
        (PairParity, _pair(flips=None)),
        (TensorParity, _tensor(shape=[8, -1])),
        (TensorParity, _tensor(saturated=1.5)),
        (TensorParity, _tensor(clipped=-0.5)),
        (TensorParity, _tensor(noise=-1.0)),
        (TensorParity, _tensor(sqnr_db=float("inf"))),
        (SystemParity, {"macro_accuracy": 50.0, "log_loss": 1.0}),
        (Parity, _parity(pairs=[])),
        (Parity, _parity(clips=-1)),
        (Parity, _parity(systems={"float": {"macro_accuracy": 0.5}})),
        (Parity, _parity(layers={"clips": 4})),
    ],
)
def test_wrong_types_and_ranges_are_refused(kind, value):
    with pytest.raises(ValidationError) as refused:
        kind.model_validate(value)
    assert refused.value.error_count() == 1


@pytest.mark.parametrize("key", ["clips", "systems", "pairs"])
def test_what_every_file_has_must_be_there(key):
    value = _parity()
    del value[key]
    with pytest.raises(ValidationError, match="Field required"):
        Parity.model_validate(value)
