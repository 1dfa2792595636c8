"""Explanations that stay in a run's folder, for its report."""

import datetime
import hashlib
import re
from pathlib import Path
from typing import Any

from dssd_tf.data.flac import encode_flac
from dssd_tf.files import read_json, write_bytes, write_json
from dssd_tf.pipeline.explaining import Explanation
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.presets import Classifier


def keep_explanation(
    run: RunFolder, classifier: Classifier, system: str, file: Path, found: Explanation
) -> Path:
    """Add an explanation to the folder `explanations/`; one of the same question is replaced.

    Args:
        run: The run.
        classifier: The run's, which was asked.
        system: The one it belongs to: `float` or `int8`.
        file: The recording.
        found: What was found.

    Returns:
        The table, `explanations.json`.
    """
    occlusion = found.occlusion
    label = classifier.classes[occlusion.label]
    asked = {"filename": file.name, "start": found.start, "label": label, "system": system}
    name = _name(asked, file)
    row: dict[str, Any] = {
        **asked,
        "probability": float(occlusion.probabilities[occlusion.label]),
        "low_half": occlusion.low,
        "high_half": occlusion.high,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "picture": f"{name}.png",
        "audio": f"{name}.flac",
    }
    table = run.explanations / "explanations.json"
    others: list[dict[str, Any]] = read_json(table)["clips"] if table.is_file() else []
    write_bytes(run.explanations / row["picture"], found.picture)
    write_bytes(
        run.explanations / row["audio"], encode_flac(found.waveform, classifier.sampling_rate)
    )
    # Last, so that the table names no file that is not there.
    write_json(table, {"clips": [r for r in others if r["picture"] != row["picture"]] + [row]})
    return table


def _name(asked: dict[str, Any], file: Path) -> str:
    """A file's name that tells the recording to a reader and is the question's own."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", file.stem)[:40]
    question = "|".join([str(file.resolve()), *(str(value) for value in asked.values())])
    return f"{words}_{hashlib.sha256(question.encode()).hexdigest()[:8]}"
