"""What in a run is that of an older model."""

from collections.abc import Mapping
from datetime import datetime

from dssd_tf.report.schema import Stage

_MODEL_STAGES = ("train", "quantize")
_MEASURING_STAGES = ("evaluate", "complexity")


def outdated(stages: Mapping[str, Stage]) -> dict[str, str]:
    """By measuring stage that was finished before the model was made again, what made it.

    Args:
        stages: The content of `stages.json`.
    """
    found = {}
    for name in _MEASURING_STAGES:
        measured = stages.get(name)
        if measured is None or measured.finished is None:
            continue
        for maker in _MODEL_STAGES:
            made = stages.get(maker)
            if made and made.finished and made.time > measured.time:
                found[name] = maker
                break
    return found


def last_made(stages: Mapping[str, Stage]) -> datetime | None:
    """When a model was last made; None if that is not known.

    Args:
        stages: The content of `stages.json`.
    """
    made = [stages[name] for name in _MODEL_STAGES if name in stages]
    return max((stage.time for stage in made if stage.finished), default=None)
