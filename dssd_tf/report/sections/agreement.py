"""What quantization changed: the deployed system beside the float one."""

from typing import Any

from dssd_tf.report.run import Run
from dssd_tf.report.section import Missing, Section


def build(run: Run) -> dict[str, Any] | Missing:
    """Both systems' results, their differences, and how far their outputs agree."""
    systems = run.metrics.by_name()
    if len(systems) < 2:
        return Missing(
            "metrics.json has no quantized system: the recipe does not quantize, or the quantized "
            "model was not evaluated",
            ("dssd quantize RUN", "dssd evaluate RUN"),
        )
    new, old = systems[run.deployed], systems["float"]
    return {
        "name": run.deployed,
        "float": old,
        "quantized": new,
        "accuracy_change": new.macro_accuracy - old.macro_accuracy,
        "log_loss_change": new.log_loss - old.log_loss,
        "agreement": run.metrics.agreement,
    }


AGREEMENT = Section("agreement", "Float against quantized", build)
