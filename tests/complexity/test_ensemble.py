from dataclasses import replace

import keras
import pytest
from keras import layers

from dssd_tf.complexity import Complexity, measure
from dssd_tf.complexity.ensemble import add_up
from dssd_tf.errors import ModelError


def _measured(filters: int) -> Complexity:
    inputs = keras.Input((8, 6, 1))
    x = layers.Flatten()(layers.Conv2D(filters, 3)(inputs))
    return measure(keras.Model(inputs, layers.Dense(2)(x), name=f"net{filters}"))


def test_counts_add_up_and_the_peak_is_the_highest() -> None:
    small, large = _measured(2), _measured(8)
    both = add_up([small, large])
    for field in ("parameters", "size_bytes", "macs", "macs_torchinfo", "macs_torchinfo_folded"):
        assert getattr(both, field) == getattr(small, field) + getattr(large, field), field
    assert small.peak_activation_bytes is not None and large.peak_activation_bytes is not None
    assert both.peak_activation_bytes == large.peak_activation_bytes > small.peak_activation_bytes
    assert (both.peak_at, both.peak_tensors) == (large.peak_at, large.peak_tensors)
    assert both.source == "net2 + net8"
    assert len(both.layers) == len(small.layers) + len(large.layers)
    assert {row.name.split("/")[0] for row in both.layers} == {"1", "2"}


def test_one_member_is_itself() -> None:
    alone = _measured(2)
    assert add_up([alone]) is alone


def test_what_one_member_does_not_know_the_ensemble_does_not() -> None:
    known = _measured(2)
    unknown = replace(known, peak_activation_bytes=None, file_bytes=None, uncounted=("odd",))
    both = add_up([replace(known, file_bytes=7), unknown])
    assert both.peak_activation_bytes is None and both.peak_tensors == ()
    assert both.file_bytes is None
    assert both.uncounted == ("2/odd",)


def test_models_of_two_kinds_have_no_common_figure() -> None:
    one = _measured(2)
    with pytest.raises(ModelError, match="keras and tflite models has no figure by one rule"):
        add_up([one, replace(one, kind="tflite")])
