"""Whether the deployed system is as sure as it is right."""

from typing import Any

from dssd_tf.report.run import Run
from dssd_tf.report.schema import Bin
from dssd_tf.report.section import Missing, Section
from dssd_tf.report.svg import Line, line_figure


def build(run: Run) -> dict[str, Any] | Missing:
    """The curve of accuracy over confidence, its numbers, and each system's error."""
    systems = run.metrics.by_name()
    calibration = run.deployed_metrics.calibration
    if calibration is None:
        return Missing("metrics.json has no calibration", ("dssd evaluate RUN",))
    bins = [each for each in calibration.bins if each.samples]
    return {
        "deployed": run.deployed,
        "errors": {
            name: system.calibration.ece
            for name, system in systems.items()
            if system.calibration is not None
        },
        "bins": bins,
        "surer": sum(each.samples * _gap(each) for each in bins) > 0,
        "figure": _figure(run.deployed, bins),
    }


def _gap(each: Bin) -> float:
    """Confidence less accuracy."""
    return (each.confidence or 0.0) - (each.accuracy or 0.0)


def _figure(deployed: str, bins: list[Bin]) -> dict[str, Any]:
    worst = max(bins, key=lambda each: abs(_gap(each)))
    label = (
        f"Accuracy by confidence of the {deployed} system, in {len(bins)} bins; furthest apart "
        f"where the mean confidence is {100 * (worst.confidence or 0):.0f} % and the accuracy "
        f"{100 * (worst.accuracy or 0):.0f} % ({worst.samples} clips)."
    )
    confidence = [100 * (each.confidence or 0.0) for each in bins]
    svg = line_figure(
        "calibration",
        confidence,
        [
            Line(f"{deployed} system", [100 * (each.accuracy or 0.0) for each in bins]),
            Line("perfectly calibrated", confidence),
        ],
        label=label,
        x_label="mean confidence in %",
        y_label="accuracy in %",
    )
    return {"title": "Accuracy by confidence", "svg": svg, "label": label}


CALIBRATION = Section("calibration", "Calibration", build)
