"""Recordings whose decision was explained with `dssd explain --keep`."""

from typing import Any

from dssd_tf.report.data_address import data_address
from dssd_tf.report.outdated import last_made
from dssd_tf.report.run import Run
from dssd_tf.report.section import Missing, Section


def build(run: Run) -> dict[str, Any] | Missing:
    """Each clip with its picture, its sound, and whether a newer model has come since."""
    if run.explanations is None:
        return Missing("no recording was explained", ("dssd explain RUN FILE.wav --keep",))
    made = last_made(run.stages or {})
    return {
        "clips": [
            {
                "clip": clip,
                "outdated": made is not None and clip.time < made,
                "picture": data_address("image/png", run.explanation_file(clip.picture)),
                "audio": data_address("audio/flac", run.explanation_file(clip.audio)),
            }
            for clip in run.explanations.clips
        ]
    }


EXPLANATIONS = Section("explanations", "Explained recordings", build)
