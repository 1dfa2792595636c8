"""Energy that a piece of work takes, as codecarbon reads it from the machine's own meters."""

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dssd_tf.errors import RunError

T = TypeVar("T")

_READINGS = ("intel_rapl", "intel_power_gadget", "windows_emi")
"""Codecarbon's ways of a processor's power that read a meter; in the others it estimates."""


@dataclass(frozen=True)
class Energy:
    """What a piece of work took.

    Args:
        kwh: Kilowatt-hours as codecarbon sums them, its estimate for the memory included; None
            where the machine gives no reading.
        cpu_kwh: Of the processor, read; None with `kwh`.
        gpu_kwh: Of the GPUs, read; None with `kwh`.
        ram_kwh: Of the memory, which codecarbon always estimates; None with `kwh`.
        seconds: Wall-clock time.
        reason: Why there is no figure; None where there is one.
    """

    kwh: float | None
    cpu_kwh: float | None
    gpu_kwh: float | None
    ram_kwh: float | None
    seconds: float
    reason: str | None = None


def no_energy(seconds: float, reason: str) -> Energy:
    """Nothing that could be told, and why."""
    return Energy(None, None, None, None, seconds, reason)


def require_codecarbon() -> None:
    """Check that codecarbon is installed.

    Raises:
        RunError: It is not.
    """
    if importlib.util.find_spec("codecarbon") is None:
        raise RunError(
            "energy is read by the package codecarbon, which is not installed",
            fix="pip install 'dssd_tf[energy]'",
        )


def measure_energy(work: Callable[[], T]) -> tuple[T, Energy]:
    """Do some work and read the energy of the whole machine meanwhile.

    Where codecarbon finds no meter of the processor it would estimate from its type and load;
    such a figure is not given.

    Returns:
        What `work` gave, and the energy.

    Raises:
        RunError: codecarbon is not installed.
    """
    require_codecarbon()
    from codecarbon import OfflineEmissionsTracker

    # The country changes emissions only, which are not used.
    tracker = OfflineEmissionsTracker(
        country_iso_code="FRA",
        save_to_file=False,
        log_level="error",
        measure_power_secs=5,
        allow_multiple_runs=True,
    )
    start = time.monotonic()
    tracker.start()
    try:
        result = work()
    finally:
        tracker.stop()
    seconds = round(time.monotonic() - start, 3)
    estimated = _estimated(tracker)
    if estimated is not None:
        reason = f"no reading: codecarbon finds no power meter of the processor ({estimated})"
        return result, no_energy(seconds, reason)
    data = tracker.final_emissions_data
    return result, Energy(
        float(data.energy_consumed),
        float(data.cpu_energy),
        float(data.gpu_energy),
        float(data.ram_energy),
        seconds,
    )


def _estimated(tracker: Any) -> str | None:
    """How the processor's power is estimated; None where it is read."""
    # Private, but the only place where codecarbon tells a reading from an estimate.
    for part in getattr(tracker, "_hardware", []):
        kind = type(part).__name__
        if kind == "AppleSiliconChip":
            return None
        if kind == "CPU":
            mode = str(getattr(part, "_mode", "unknown"))
            return None if mode in _READINGS else mode
    return "no processor found"
