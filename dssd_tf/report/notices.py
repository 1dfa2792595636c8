"""What a reader must know before any figure: synthetic data, figures of an older model."""

from collections.abc import Mapping
from dataclasses import dataclass

from dssd_tf.report.run import Run
from dssd_tf.report.schema import Stage

_MODEL_STAGES = ("train", "quantize")
_MEASURING_STAGES = {"evaluate": "metrics.json", "complexity": "complexity.json"}


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
    """Files whose stage was finished before the model was made again."""
    found = []
    for name, file in _MEASURING_STAGES.items():
        if (measured := stages.get(name)) is None or measured.finished is None:
            continue
        for maker in _MODEL_STAGES:
            made = stages.get(maker)
            if made and made.finished and made.time > measured.time:
                found.append(
                    Notice(
                        f"{file} is older than the model",
                        f"The stage {maker} was done again after it; dssd {name} RUN brings its "
                        "figures up to date.",
                    )
                )
                break
    return found
