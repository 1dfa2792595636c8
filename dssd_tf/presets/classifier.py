"""From a recording to the probabilities of the classes."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dssd_tf.data import AudioConfig, ClipReader
from dssd_tf.data.truncated_wav import warn_of_truncated_wav
from dssd_tf.errors import DataError
from dssd_tf.evaluation.predictor import Predictor, log_softmax, softmax
from dssd_tf.features import LogMelConfig, LogMelExtractor
from dssd_tf.presets.fit import require_input, require_outputs

# Clips at a time: an hour's recording must not fill the memory.
_BATCH = 64


class Classifier:
    """Classifies waveforms and recordings of a clip's length or longer.

    A recording is cut into whole clips, whose probabilities are averaged; what is left at its
    end is not used. The probabilities of a clip are the softmax of the logits of the classes;
    coarse classes behind them are left out.

    Args:
        predictor: Gives the logits.
        features: The front end that the model was trained with.
        clip_seconds: Seconds a clip.
        classes: Names of the classes in the order of the logits.
        coarse_classes: Names of the outputs behind the classes.
        path: The model's file, for errors.

    Raises:
        ModelError: The model does not take the features of a clip.
    """

    def __init__(
        self,
        predictor: Predictor,
        features: LogMelConfig,
        clip_seconds: float,
        classes: Sequence[str],
        coarse_classes: Sequence[str] = (),
        *,
        path: Path | None = None,
    ):
        self.classes, self.coarse_classes = tuple(classes), tuple(coarse_classes)
        self.sampling_rate, self.clip_seconds = features.sampling_rate, clip_seconds
        self.samples = round(features.sampling_rate * clip_seconds)
        require_input(predictor.input_shape, features.shape(self.samples), path)
        self.features, self.predictor, self.path = features, predictor, path
        self._extract = LogMelExtractor(features)
        lenient = AudioConfig(sampling_rate_mismatch="resample", multichannel="downmix")
        self._read = ClipReader(features.sampling_rate, None, lenient)

    def classify(self, waveform: NDArray[np.floating]) -> NDArray[np.float64]:
        """Probabilities (classes,) of a mono waveform (samples,), values in [-1, 1].

        Raises:
            DataError: The waveform is not one-dimensional, is shorter than a clip, or holds NaN.
            ModelError: The model has other outputs than the classes.
        """
        waveform = np.asarray(waveform)
        if waveform.ndim != 1:
            raise DataError(f"expected a mono waveform (samples,), got shape {waveform.shape}")
        count = waveform.size // self.samples
        if count == 0:
            raise DataError(
                f"lasts {waveform.size / self.sampling_rate:.2f} s, shorter than a clip of "
                f"{self.clip_seconds:g} s"
            )
        clips = waveform[: count * self.samples].reshape(count, self.samples)
        total = np.zeros(len(self.classes))
        for start in range(0, count, _BATCH):
            total += softmax(self._logits(clips[start : start + _BATCH])).sum(axis=0)
        return total / count

    def classify_file(self, path: Path | str) -> NDArray[np.float64]:
        """Probabilities (classes,) of a recording, resampled and down-mixed where needed.

        Raises:
            DataError: The file cannot be read or is shorter than a clip.
            ModelError: The model has other outputs than the classes.
        """
        waveform = self.read(path)
        try:
            return self.classify(waveform)
        except DataError as error:
            raise DataError(error.problem, path=path, fix=error.fix) from error

    def predict_files(self, files: Iterable[Path]) -> Iterator[tuple[Path, str, float]]:
        """Yield (file, most probable class, its probability) for each recording.

        Raises:
            DataError: A file cannot be read or is shorter than a clip.
        """
        for path in files:
            probabilities = self.classify_file(path)
            best = int(probabilities.argmax())
            yield path, self.classes[best], float(probabilities[best])

    def log_probabilities(self, clips: NDArray[np.floating]) -> NDArray[np.float64]:
        """Natural log-probabilities (clips, classes) of clips (clips, samples) of `samples` each.

        Raises:
            DataError: A clip holds NaN.
            ModelError: The model has other outputs than the classes.
        """
        return log_softmax(self._logits(clips))

    def read(self, path: Path | str) -> NDArray[np.float32]:
        """A recording as a mono waveform (samples,) at the model's rate.

        A WAV that is shorter than its header says is warned of.

        Raises:
            DataError: The file cannot be read.
        """
        waveform = self._read(path)
        warn_of_truncated_wav(path)
        return waveform

    def features_of(self, clip: NDArray[np.floating]) -> NDArray[np.float32]:
        """What the network is given of one clip: (time, frequency, channels).

        Raises:
            DataError: The clip holds NaN.
        """
        try:
            return self._extract(clip)
        except ValueError as error:
            raise DataError(str(error)) from error

    def _logits(self, clips: NDArray[np.floating]) -> NDArray[np.float32]:
        """(clips, classes) of clips (clips, samples), without the coarse classes."""
        features = np.stack([self.features_of(clip) for clip in clips])
        logits = self.predictor(features)
        require_outputs(logits.shape[1], self.classes, self.coarse_classes, self.path)
        return logits[:, : len(self.classes)]
