"""The run in a few figures: results and cost of each system, and the edition's verdict."""

from typing import Any

from dssd_tf.report.run import Run
from dssd_tf.report.section import Section


def build(run: Run) -> dict[str, Any]:
    """Data for the summary; it always has results, and has costs where they were counted."""
    complexity = run.complexity
    checks = complexity.checks if complexity else []
    return {
        "deployed": run.deployed,
        "systems": run.metrics.by_name(),
        "costs": complexity.by_name() if complexity else {},
        "edition": complexity.edition if complexity else None,
        "checks": checks,
        "failed": [check for check in checks if not check.passed],
    }


SUMMARY = Section("summary", "Summary", build)
