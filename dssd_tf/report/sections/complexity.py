"""The edition's limits with their head-room, and where each model's cost lies."""

from typing import Any

from dssd_tf.report.run import Run
from dssd_tf.report.schema import SystemComplexity
from dssd_tf.report.section import Missing, Section
from dssd_tf.report.svg import bar_figure

_MOST = 3


def build(run: Run) -> dict[str, Any] | Missing:
    """The checks as they were written, and each model's totals and layers."""
    complexity = run.complexity
    if complexity is None:
        return Missing("complexity.json is missing", ("dssd complexity RUN",))
    return {
        "edition": complexity.edition,
        "checks": complexity.checks,
        "models": {name: _model(name, cost) for name, cost in complexity.by_name().items()},
    }


def _model(name: str, cost: SystemComplexity) -> dict[str, Any]:
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
    figure = _figure(name, layers) if any(layer["share"] for layer in layers) else None
    return {"cost": cost, "official": official, "layers": layers, "figure": figure}


def _figure(name: str, layers: list[dict[str, Any]]) -> dict[str, Any]:
    most = sorted(layers, key=lambda layer: -layer["share"])[:_MOST]
    parts = [f"{layer['layer'].name} {100 * layer['share']:.1f} %" for layer in most]
    label = (
        f"Multiply-adds of the {name} model by layer, in order of computation: most in "
        f"{', '.join(parts)}."
    )
    svg = bar_figure(
        f"macs-{name}",
        [100 * layer["share"] for layer in layers],
        label=label,
        x_label="layer, in order of computation",
        y_label="share of the MACs in %",
    )
    return {"title": f"MACs by layer, {name}", "svg": svg, "most": most}


COMPLEXITY = Section("complexity", "Complexity", build)
