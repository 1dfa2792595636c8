"""The clips that the deployed system took for another class and was surest of."""

from typing import Any

from dssd_tf.report.data_address import data_address
from dssd_tf.report.run import Run
from dssd_tf.report.section import Missing, Section


def build(run: Run) -> dict[str, Any] | Missing:
    """Each clip with its picture and its sound as `data:` addresses."""
    if run.mistakes is None:
        return Missing("mistakes/ is missing", ("dssd evaluate RUN",))
    return {
        "system": run.mistakes.system,
        "clips": [
            {
                "clip": clip,
                "picture": data_address("image/png", run.mistake_file(clip.picture)),
                "audio": None
                if clip.audio is None
                else data_address("audio/flac", run.mistake_file(clip.audio)),
            }
            for clip in run.mistakes.clips
        ],
    }


MISTAKES = Section("mistakes", "Surest mistakes", build)
