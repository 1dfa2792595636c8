from collections.abc import Callable
from typing import Any

import pytest

from dssd_tf.challenge import (
    Edition,
    Headroom,
    check_budget,
    list_editions,
    load_edition,
    network_headroom,
)
from dssd_tf.complexity import Complexity
from dssd_tf.errors import PackageError


@pytest.fixture
def counted() -> Callable[..., Complexity]:
    """A complexity with the given figures; the rest is of no matter here."""

    def make(
        parameters: int = 45_164, macs_torchinfo: int = 8_645_641, **fields: Any
    ) -> Complexity:
        values: dict[str, Any] = {
            "source": "network",
            "kind": "keras",
            "parameters": parameters,
            "parameters_nonzero": parameters // 2,
            "dtypes": ("float32",),
            "size_bytes": 4 * parameters,
            "size_bytes_nonzero": 2 * parameters,
            "size_bytes_nessi": None,
            "macs": 9_000_000,
            "macs_torchinfo": macs_torchinfo,
            "macs_torchinfo_folded": macs_torchinfo,
            "macs_nessi_tflite": None,
            "peak_activation_bytes": 1,
            "peak_at": "layer",
            "peak_tensors": (),
            "activation_dtypes": ("float32",),
            "file_bytes": None,
            "uncounted": (),
            "layers": (),
        }
        return Complexity(**{**values, **fields})

    return make


def _by_key(rows: list[Headroom]) -> dict[tuple[int, str], Headroom]:
    return {(row.edition, row.name): row for row in rows}


def test_every_limit_of_every_edition_has_a_row(counted: Callable) -> None:
    wanted = [(year, limit.name) for year in list_editions() for limit in load_edition(year).limits]
    assert [(row.edition, row.name) for row in network_headroom(counted())] == wanted


def test_torchinfo_macs_are_judged_exactly(counted: Callable) -> None:
    row = _by_key(network_headroom(counted(macs_torchinfo=8_645_641)))[2024, "macs"]
    assert row.basis == "exact"
    assert row.measured == 8_645_641
    assert row.passed
    assert row.headroom_percent == pytest.approx(100 * (1 - 8_645_641 / 30_000_000))


def test_sizes_are_estimated_at_one_byte_a_parameter(counted: Callable) -> None:
    rows = _by_key(network_headroom(counted(parameters=45_164)))
    for key in ((2022, "size"), (2024, "size")):
        assert rows[key].basis == "estimate"
        assert rows[key].measured == 45_164
        assert rows[key].headroom_percent == pytest.approx(64.715625)


def test_what_needs_the_converted_file_is_not_judged(counted: Callable) -> None:
    row = _by_key(network_headroom(counted()))[2022, "macs"]
    assert row.basis == "not judged"
    assert row.measured is row.passed is row.headroom_percent is None
    assert (row.limit, row.model, row.counter) == (30_000_000, "int8", "nessi_tflite")


@pytest.mark.parametrize(("over", "passed"), [(0, True), (1, False)])
def test_the_limit_itself_passes_and_one_more_fails(
    counted: Callable, over: int, passed: bool
) -> None:
    complexity = counted(parameters=128_000 + over, macs_torchinfo=30_000_000 + over)
    rows = [row for row in network_headroom(complexity) if row.basis != "not judged"]
    assert len(rows) >= 3
    for row in rows:
        assert row.passed is passed
        assert row.headroom_percent is not None
        assert (row.headroom_percent < 0) is not passed


def test_a_measured_run_is_judged_alike(counted: Callable) -> None:
    complexity = counted()
    run = {"float": complexity.to_dict(), "int8": {"size_bytes": complexity.parameters}}
    wanted = {check.name: check.headroom_percent for check in check_budget(load_edition(2024), run)}
    rows = network_headroom(complexity, [2024])
    assert {row.name: row.headroom_percent for row in rows} == wanted


def test_a_new_edition_is_judged_by_its_own_limits(
    counted: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = (
        {"measure": "size_bytes_nonzero", "model": "deployed", "value": 50_000},
        {"measure": "size_bytes_nessi", "model": "int8", "value": 60_000},
        {"measure": "size_bytes", "model": "float", "value": 100_000},
        {"measure": "energy", "model": "float", "value": 1},
    )
    known = load_edition(2024)
    limits = [known.limits[0].model_copy(update=change) for change in changes]
    limits[0] = limits[0].model_copy(update={"source": "memory", "unverified": True})
    later: Edition = known.model_copy(update={"year": 2031, "limits": limits})
    monkeypatch.setattr("dssd_tf.challenge.headroom.list_editions", lambda: [2031])
    monkeypatch.setattr("dssd_tf.challenge.headroom.load_edition", lambda year: later)
    rows = network_headroom(counted(parameters=45_164))
    assert [(row.edition, row.basis, row.measured, row.passed) for row in rows] == [
        # Fresh weights' zeros are not left out.
        (2031, "estimate", 45_164, True),
        (2031, "not judged", None, None),
        (2031, "exact", 180_656, False),
        (2031, "not judged", None, None),
    ]
    assert [row.unverified for row in rows] == [True, False, False, False]


def test_a_missing_torchinfo_count_is_not_taken_for_passed(counted: Callable) -> None:
    row = _by_key(network_headroom(counted(macs_torchinfo=None)))[2024, "macs"]
    assert row.basis == "not judged"
    assert row.passed is None


def test_a_converted_file_is_sent_to_the_budget(counted: Callable) -> None:
    with pytest.raises(ValueError, match="tflite model: use check_budget"):
        network_headroom(counted(kind="tflite"))


def test_an_unknown_edition_is_an_error(counted: Callable) -> None:
    with pytest.raises(PackageError, match="unknown edition 1999"):
        network_headroom(counted(), [1999])


def test_a_row_is_plain_data(counted: Callable) -> None:
    row = network_headroom(counted(), [2024])[1].to_dict()
    assert row["headroom_percent"] == pytest.approx(71.18, abs=0.01)
    assert {**row, "headroom_percent": None} == {
        "edition": 2024,
        "name": "macs",
        "limit": 30_000_000,
        "unit": "macs",
        "model": "float",
        "measure": "macs_torchinfo",
        "counter": "torchinfo",
        "unverified": False,
        "basis": "exact",
        "measured": 8_645_641,
        "passed": True,
        "headroom_percent": None,
    }
