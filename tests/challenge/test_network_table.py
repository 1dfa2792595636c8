import json
from collections.abc import Callable, Iterator
from typing import Any

import keras
import pytest

from dssd_tf.challenge.network_table import measured_network, network_frame, network_rows
from dssd_tf.errors import ModelError
from dssd_tf.models import registry


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Register a constructor under a name for one test."""
    monkeypatch.setattr(registry, "_ENTRIES", dict(registry._ENTRIES))

    def add(name: str, constructor: Callable[..., Any], **config: Any) -> str:
        registry.register(name, constructor, f"summary of {name}", **config)
        return name

    yield add


def test_figures_of_a_known_network() -> None:
    (row,) = network_rows(["dsmn_s"])
    assert (row.name, row.input_shape, row.error) == ("dsmn_s", (44, 256, 2), None)
    assert row.parameters == 45_164
    assert row.macs_torchinfo == 8_645_641
    assert row.int8_bytes == 45_164
    macs = next(limit for limit in row.headroom if limit.measure == "macs_torchinfo")
    assert macs.measured == 8_645_641


def test_a_network_over_a_limit_has_less_than_nothing_left() -> None:
    (row,) = network_rows(["dssdn_paper_scale"])
    assert (row.parameters, row.macs_torchinfo) == (113_917, 620_605_822)
    macs = next(limit for limit in row.headroom if limit.measure == "macs_torchinfo")
    assert macs.passed is False
    assert macs.headroom_percent == pytest.approx(100 * (1 - 620_605_822 / 30_000_000))


def test_another_input_counts_anew_and_a_misfit_is_told_in_its_row() -> None:
    own, other = network_rows(["baseline_2022"]), network_rows(["baseline_2022", "cp_resnet"])
    assert own[0] == other[0]
    fits, misfit = network_rows(["baseline_2022", "dsmn_s"], input_shape=(102, 41, 1))
    assert fits.input_shape == (102, 41, 1)
    assert fits.error is None
    assert fits.parameters > own[0].parameters  # a longer flattened axis
    assert fits.macs_torchinfo > 1.9 * own[0].macs_torchinfo
    assert misfit.input_shape == (102, 41, 1)
    assert misfit.parameters is misfit.macs_torchinfo is misfit.int8_bytes is None
    assert misfit.headroom == ()
    assert "frequency axis must have an even" in misfit.error


def test_keras_own_complaint_becomes_one_plain_line() -> None:
    (row,) = network_rows(["baseline_2022"], input_shape=(44, 256, 1))
    assert "\n" not in row.error
    assert "\x1b" not in row.error
    assert "Arguments received" not in row.error
    assert row.error.startswith("model 'baseline_2022' cannot be built: Computed output size")


def test_any_failure_of_a_constructor_is_a_model_error(registered: Callable) -> None:
    def build(*, name: str, input_shape: Any = None) -> keras.Model:
        raise AttributeError("no such\nthing")

    name = registered("broken", build)
    with pytest.raises(ModelError, match="'broken' cannot be built: AttributeError: no such thing"):
        measured_network(name)
    assert "no such thing" in network_rows([name])[0].error


def test_an_open_axis_is_told(registered: Callable) -> None:
    from dssd_tf.models import DSMN

    config = {"pattern": "FF", "widths": (8, 8)}
    name = registered("open", DSMN, input_shape=(None, 32, 1), **config)
    assert "leaves axes open" in network_rows([name])[0].error
    (row,) = network_rows([name], input_shape=(16, 32, 1))
    assert row.error is None
    assert row.input_shape == (16, 32, 1)


@pytest.mark.parametrize("call", [measured_network, lambda name: network_rows([name])])
def test_an_unknown_name_offers_the_nearest(call: Callable) -> None:
    with pytest.raises(ModelError, match=r"unknown model 'dsmn_q'.*dsmn_s"):
        call("dsmn_q")


def test_the_frame_keeps_counts_whole_beside_missing_ones() -> None:
    rows = network_rows(["baseline_2022", "dsmn_s"], input_shape=(102, 41, 1))
    frame = network_frame(rows).set_index("name")
    counts = ["time", "frequency", "channels", "parameters", "macs_torchinfo", "int8_bytes"]
    assert [str(frame[column].dtype) for column in counts] == ["Int64"] * 6
    assert frame.loc["baseline_2022", counts[:3]].tolist() == [102, 41, 1]
    assert frame.loc["baseline_2022", "parameters"] == rows[0].parameters
    assert frame.loc["dsmn_s", counts[3:]].isna().all()
    assert "even" in frame.loc["dsmn_s", "error"]
    judged = [limit for limit in rows[0].headroom if limit.headroom_percent is not None]
    columns = [f"headroom_{limit.edition}_{limit.name}_percent" for limit in judged]
    assert [column for column in frame if column.startswith("headroom_")] == columns
    assert "headroom_2022_macs_percent" not in frame
    wanted = [limit.headroom_percent for limit in judged]
    assert frame.loc["baseline_2022", columns].tolist() == wanted
    assert frame.loc["dsmn_s", columns].isna().all()


def test_rows_are_plain_data() -> None:
    rows = network_rows(["baseline_2022", "dsmn_s"], input_shape=(102, 41, 1))
    read = json.loads(json.dumps([row.to_dict() for row in rows], allow_nan=False))
    assert read[0]["input_shape"] == [102, 41, 1]
    assert {limit["edition"] for limit in read[0]["headroom"]} >= {2022, 2024}
    assert read[1]["parameters"] is None
