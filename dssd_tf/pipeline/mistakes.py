"""The mistakes a system was surest of: to hear, and to see what moved it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dssd_tf.data import ClipReader
from dssd_tf.data.flac import encode_flac
from dssd_tf.errors import DataError
from dssd_tf.evaluation.predictor import Predictor, softmax
from dssd_tf.explanation import explanation_figure, occlude
from dssd_tf.features.filter_bank import band_centres
from dssd_tf.files import atomic_path, write_bytes, write_json
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import warn

MOST = 6
"""Clips that are kept."""


def write_mistakes(
    run: RunFolder,
    workspace: Workspace,
    system: str,
    predictor: Predictor,
    logits: NDArray[np.float32],
) -> None:
    """Write the folder `mistakes/`: the clips as FLAC, a picture of each, and `mistakes.json`.

    Args:
        run: The run.
        workspace: Its data.
        system: The one that is deployed.
        predictor: Its model.
        logits: What it gave of the test clips, (clips, classes).
    """
    clips, classes = workspace.dataset.test, workspace.dataset.classes
    with atomic_path(run.mistakes) as folder:
        rows = []
        for number, place in enumerate(_surest(clips, logits), start=1):
            row = _row(clips.iloc[place], softmax(logits[place : place + 1])[0], classes)
            audio = _audio(workspace, row["filename"])
            if audio is not None:
                row["audio"] = f"{number}.flac"
                write_bytes(folder / row["audio"], audio)
            row["picture"] = f"{number}.png"
            write_bytes(folder / row["picture"], _picture(workspace, predictor, row))
            rows.append(row)
        write_json(folder / "mistakes.json", {"system": system, "clips": rows})


def _surest(clips: pd.DataFrame, logits: NDArray[np.float32]) -> Iterator[int]:
    """Places of the wrong clips, the surest first; one of a recording, whose clips are alike."""
    probabilities = softmax(logits)
    wrong = probabilities.argmax(axis=1) != clips["label"].to_numpy(dtype=np.int64)
    seen: set[str] = set()
    for place in np.argsort(-probabilities.max(axis=1), kind="stable"):
        recording = str(clips["recording"].iloc[place])
        if wrong[place] and recording not in seen:
            seen.add(recording)
            yield int(place)
            if len(seen) == MOST:
                return


def _row(
    clip: "pd.Series[Any]", probabilities: NDArray[np.float64], classes: Any
) -> dict[str, Any]:
    predicted, label = int(probabilities.argmax()), int(clip["label"])
    return {
        "filename": str(clip["filename"]),
        "device": str(clip["device"]),
        "label": classes[label],
        "predicted": classes[predicted],
        "probability": float(probabilities[predicted]),
        "label_probability": float(probabilities[label]),
        "audio": None,
    }


def _audio(workspace: Workspace, filename: str) -> bytes | None:
    """The clip as the network heard it, FLAC; None where it cannot be read any more."""
    data, rate = workspace.recipe.data, workspace.recipe.features.sampling_rate
    try:
        waveform = ClipReader(rate, data.clip_seconds, data.audio)(workspace.root / filename)
    except DataError as error:
        warn(f"not kept to be heard: {error}")
        return None
    return encode_flac(waveform, rate)


def _picture(workspace: Workspace, predictor: Predictor, row: dict[str, Any]) -> bytes:
    store, recipe = workspace.store, workspace.recipe
    features = store.gather(store.positions([row["filename"]]))[0]
    classes = workspace.dataset.classes
    patches = (min(8, features.shape[0]), min(8, features.shape[1]))
    return explanation_figure(
        features[:, :, 0],
        occlude(predictor, features, len(classes), patches=patches),
        classes,
        seconds=recipe.data.clip_seconds,
        band_hz=band_centres(recipe.features),
    )
