"""Results by recording device and group of devices, and accuracy by class and device."""

from typing import Any

from dssd_tf.report.devices import DeviceGroup, group_devices, pool
from dssd_tf.report.run import Run
from dssd_tf.report.schema import SystemMetrics
from dssd_tf.report.section import Missing, Section


def build(run: Run) -> dict[str, Any] | Missing:
    """Device rows in their groups, and a table of classes × devices for the deployed system."""
    systems = run.metrics.by_name()
    groups = group_devices(run.deployed_metrics.device_wise, run.metrics.trained_devices)
    if not groups:
        return Missing("metrics.json names no device", ("dssd evaluate RUN",))
    return {
        "systems": list(systems),
        "deployed": run.deployed,
        "groups": [_group(group, systems) for group in groups],
        "class_device": None if run.predictions is None else _class_device(run, groups),
        "columns": groups,
    }


def _group(group: DeviceGroup, systems: dict[str, SystemMetrics]) -> dict[str, Any]:
    rows = [
        {"device": device, "scores": {n: s.of_device(device) for n, s in systems.items()}}
        for device in group.inner
    ]
    pooled = {
        name: pool(system.of_device(device) for device in group.devices)
        for name, system in systems.items()
    }
    return {"name": group.label, "rows": rows, "pooled": pooled}


def _class_device(run: Run, groups: list[DeviceGroup]) -> list[dict[str, Any]]:
    """For each class, correct clips over all clips of each device; None without a clip."""
    assert run.predictions is not None
    table = run.predictions[run.predictions["system"] == run.deployed]
    correct = table["scene_label"] == table["predicted"]
    cells = correct.groupby([table["scene_label"], table["device"]]).agg(["sum", "count"])
    found = {
        key: (int(hits), int(clips))
        for key, hits, clips in zip(cells.index, cells["sum"], cells["count"], strict=True)
    }
    return [
        {
            "label": label,
            "groups": [
                [_share(*found.get((label, device), (0, 0))) for device in group.devices]
                for group in groups
            ],
        }
        for label in run.metrics.classes
    ]


def _share(correct: int, clips: int) -> dict[str, Any]:
    return {"correct": correct, "clips": clips, "accuracy": correct / clips if clips else None}


DEVICE_WISE = Section("device_wise", "Results by device", build)
