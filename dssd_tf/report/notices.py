"""What a reader must know before any figure: synthetic data, figures of an older model."""

from collections.abc import Mapping
from dataclasses import dataclass

from dssd_tf.report.outdated import outdated
from dssd_tf.report.run import Run
from dssd_tf.report.schema import Stage

_FILES = {"evaluate": "metrics.json", "complexity": "complexity.json"}


@dataclass(frozen=True)
class Notice:
    """A headline and what it means."""

    title: str
    text: str


def notices(run: Run) -> list[Notice]:
    """The notices that a run calls for."""
    found = []
    if run.synthetic:
        found.append(
            Notice(
                "synthetic data: no result",
                "The clips were rendered by a program. The figures below show that the road "
                "works; they say nothing about recordings.",
            )
        )
    elif run.synthetic is None:
        found.append(
            Notice(
                "origin of the data unknown",
                "Without recipe.yaml it cannot be told whether the data is synthetic.",
            )
        )
    return found + _outdated(run.stages or {})


def _outdated(stages: Mapping[str, Stage]) -> list[Notice]:
    return [
        Notice(
            f"{_FILES[name]} is older than the model",
            f"The stage {maker} was done again after it; dssd {name} RUN brings its figures up "
            "to date.",
        )
        for name, maker in outdated(stages).items()
    ]
