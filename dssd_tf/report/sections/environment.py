"""The machine, the versions and the time the run took."""

from typing import Any

from dssd_tf.report.run import Run
from dssd_tf.report.section import Missing, Section


def build(run: Run) -> dict[str, Any] | Missing:
    """Facts as (name, value) pairs, packages by name, and the stages' durations."""
    environment = run.environment
    if environment is None:
        return Missing("environment.json is missing", ("dssd run RECIPE --out RUN",))
    git = environment.git
    commit = f"{git.commit}{', with uncommitted changes' if git.dirty else ''}" if git else None
    facts = {
        "Python": environment.python,
        "Platform": environment.platform,
        "Processor": environment.processor,
        "CPUs": environment.cpu_count,
        "Commit": commit,
        "Started": environment.started,
    }
    return {
        "facts": [(name, value) for name, value in facts.items() if value not in (None, "")],
        "packages": sorted(environment.packages.items()),
        "stages": list((run.stages or {}).items()),
        "seconds": sum(stage.seconds for stage in (run.stages or {}).values()),
    }


ENVIRONMENT = Section("environment", "Environment", build)
