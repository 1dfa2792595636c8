"""The edition's limits with their head-room, and where each model's cost lies."""

from typing import Any

from dssd_tf.report.run import Run
from dssd_tf.report.schema import SystemComplexity
from dssd_tf.report.section import Missing, Section


def build(run: Run) -> dict[str, Any] | Missing:
    """The checks as they were written, and each model's totals and layers."""
    complexity = run.complexity
    if complexity is None:
        return Missing("complexity.json is missing", ("dssd complexity RUN",))
    return {
        "edition": complexity.edition,
        "checks": complexity.checks,
        "models": {name: _model(cost) for name, cost in complexity.by_name().items()},
    }


def _model(cost: SystemComplexity) -> dict[str, Any]:
    official = next(
        (
            counter
            for counter in ("macs_torchinfo", "macs_nessi_tflite")
            if getattr(cost, counter) is not None
        ),
        None,
    )
    layers = [
        {
            "layer": layer,
            "official": getattr(layer, official) if official else None,
            "share": (layer.macs or 0) / cost.macs if cost.macs else 0.0,
        }
        for layer in cost.layers
    ]
    return {"cost": cost, "official": official, "layers": layers}


COMPLEXITY = Section("complexity", "Complexity", build)
