"""Classifying recordings with the model of a run."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dssd_tf.data import ClipReader
from dssd_tf.errors import DataError
from dssd_tf.evaluation.predictor import open_predictor, softmax
from dssd_tf.features import LogMelExtractor
from dssd_tf.pipeline.run_folder import RunFolder


def predict_files(
    run: RunFolder, files: Sequence[Path], *, use_float: bool = False
) -> Iterator[tuple[Path, str, float]]:
    """Yield (file, most probable class, its probability) for each recording.

    A recording is cut into whole clips of the run's length, whose probabilities are averaged;
    it is resampled and down-mixed where needed. The int8 model is used where there is one.

    Raises:
        DataError: A file cannot be read or is shorter than a clip.
        RunError: The run has no model yet.
    """
    recipe = run.recipe()
    model = run.int8_model
    if use_float or not model.is_file():
        model = run.require(run.float_model, "train")
    classes = recipe.data.classes or ()
    predictor, extract = open_predictor(model), LogMelExtractor(recipe.features)
    lenient = recipe.data.audio.model_copy(
        update={"sampling_rate_mismatch": "resample", "multichannel": "downmix"}
    )
    reader = ClipReader(recipe.features.sampling_rate, None, lenient)
    samples = round(recipe.features.sampling_rate * recipe.data.clip_seconds)
    for path in files:
        waveform = reader(path)
        count = waveform.size // samples
        if count == 0:
            raise DataError(
                f"lasts {waveform.size / recipe.features.sampling_rate:.2f} s, shorter than a "
                f"clip of {recipe.data.clip_seconds:g} s",
                path=path,
            )
        clips = waveform[: count * samples].reshape(count, samples)
        logits = predictor(np.stack([extract(clip) for clip in clips]))
        probabilities = softmax(logits).mean(axis=0)
        best = int(probabilities.argmax())
        yield path, classes[best], float(probabilities[best])
