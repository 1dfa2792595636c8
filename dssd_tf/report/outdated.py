"""Which figures of a run are those of an older model."""

from collections.abc import Mapping

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
