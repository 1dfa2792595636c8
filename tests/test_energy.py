import importlib.util
from collections.abc import Callable
from typing import Any

import pytest

from dssd_tf.energy import Energy, measure_energy, require_codecarbon
from dssd_tf.errors import RunError


def test_where_the_machine_has_a_meter_its_reading_is_told(metered: Callable[..., None]) -> None:
    metered("intel_rapl")
    result, energy = measure_energy(lambda: "done")
    assert result == "done"
    assert (energy.kwh, energy.cpu_kwh, energy.gpu_kwh, energy.ram_kwh) == (0.6, 0.3, 0.2, 0.1)
    assert energy.reason is None and energy.seconds >= 0


@pytest.mark.parametrize("mode", ["cpu_load", "constant", None])
def test_an_estimate_is_not_told(metered: Callable[..., None], mode: str | None) -> None:
    metered(mode)
    _, energy = measure_energy(lambda: None)
    assert (energy.kwh, energy.cpu_kwh, energy.gpu_kwh, energy.ram_kwh) == (None,) * 4
    assert energy.reason is not None and "no power meter" in energy.reason
    assert (mode or "no processor found") in energy.reason


def test_the_meter_is_stopped_when_the_work_fails(metered: Callable[..., Any]) -> None:
    trackers = metered("intel_rapl")
    with pytest.raises(ZeroDivisionError):
        measure_energy(lambda: 1 / 0)
    assert [tracker.stopped for tracker in trackers] == [True]


def test_without_codecarbon_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "codecarbon" else real(name)
    )
    with pytest.raises(RunError, match=r"codecarbon, which is not installed.*dssd_tf\[energy\]"):
        require_codecarbon()


def test_the_real_package_gives_a_figure_or_a_reason() -> None:
    pytest.importorskip("codecarbon")
    _, energy = measure_energy(lambda: sum(range(10**6)))
    assert (energy.kwh is None) == (energy.reason is not None)
    assert energy.kwh is None or energy.kwh > 0
    assert isinstance(energy, Energy)
