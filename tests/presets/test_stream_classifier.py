import io
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
import soundfile

from dssd_tf.data import AudioConfig, ClipReader
from dssd_tf.data.audio_stream import stream_audio
from dssd_tf.errors import DataError
from dssd_tf.evaluation import KerasPredictor
from dssd_tf.evaluation.predictor import softmax
from dssd_tf.presets import Classifier, PresetConfig, StreamClassifier


class Recorder(KerasPredictor):
    """Keeps the features it was given."""

    def __init__(self, model: keras.Model):
        super().__init__(model)
        self.seen: list[np.ndarray] = []

    def __call__(self, features: np.ndarray) -> np.ndarray:
        self.seen += list(features)
        return super().__call__(features)


@pytest.fixture
def recorder(model: keras.Model) -> Recorder:
    return Recorder(model)


@pytest.fixture
def classifier(recorder: Recorder, config: PresetConfig) -> Classifier:
    return Classifier(recorder, config.features, 1.0, config.classes, config.coarse_classes)


def test_clips_get_the_probabilities_of_the_recording_cut_there(
    classifier: Classifier, noise: Callable, expected: Callable
) -> None:
    stream, run = noise(3.6), StreamClassifier(classifier, hop_seconds=0.25)
    clips = list(run(np.array_split(stream, 23)))
    assert [clip.start for clip in clips] == [0.25 * k for k in range(11)]
    for clip in clips:
        assert clip.end == clip.start + 1
        part = stream[round(clip.start * 8000) : round(clip.end * 8000)]
        np.testing.assert_allclose(clip.probabilities, expected(part), atol=1e-5)
        assert clip.label == classifier.classes[int(clip.probabilities.argmax())]
        assert clip.probability == clip.probabilities.max()
    assert run.seconds_left == pytest.approx(0.1)


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (8000, 2), (11025, 1), (48000, 2)])
@pytest.mark.parametrize("piped", [False, True])
def test_features_of_a_stream_are_those_of_the_file_cut_at_the_same_places(
    classifier: Classifier,
    recorder: Recorder,
    config: PresetConfig,
    noise: Callable,
    tmp_path: Path,
    rate: int,
    channels: int,
    piped: bool,
) -> None:
    from dssd_tf.features import LogMelExtractor

    path, audio = tmp_path / "audio.wav", noise(2.3, rate)
    soundfile.write(path, np.stack([audio, audio[::-1]][:channels], 1), rate, "PCM_16")
    source = io.BytesIO(path.read_bytes()) if piped else path
    run = StreamClassifier(classifier, hop_seconds=0.5)
    clips = list(run(stream_audio(source, 8000)))
    lenient = AudioConfig(sampling_rate_mismatch="resample", multichannel="downmix")
    whole, extract = ClipReader(8000, None, lenient)(path), LogMelExtractor(config.features)
    assert len(clips) == len(recorder.seen) == 3
    for index, features in enumerate(recorder.seen):
        cut = whole[4000 * index : 4000 * index + 8000]
        np.testing.assert_allclose(features, extract(cut), atol=1e-5)


def test_whole_clips_are_those_of_a_file(
    classifier: Classifier, recorder: Recorder, recording: Path
) -> None:
    mean = classifier.classify_file(recording)
    of_file = list(recorder.seen)
    recorder.seen.clear()
    clips = list(StreamClassifier(classifier)(stream_audio(recording, 8000)))
    np.testing.assert_array_equal(recorder.seen, of_file)
    np.testing.assert_allclose(np.mean([c.probabilities for c in clips], axis=0), mean, atol=1e-6)


@pytest.mark.parametrize(("seconds", "last"), [(1.0, 1), (1.4, 1), (1.5, 2), (3.0, 5)])
def test_smoothing_is_over_the_clips_within_the_window(
    classifier: Classifier, noise: Callable, seconds: float, last: int
) -> None:
    stream = [noise(4)]
    plain = list(StreamClassifier(classifier, hop_seconds=0.5)(stream))
    run = StreamClassifier(classifier, hop_seconds=0.5, smooth_seconds=seconds)
    logs = np.log([clip.probabilities for clip in plain])
    for index, clip in enumerate(run(stream)):
        mean = logs[max(0, index + 1 - last) : index + 1].mean(axis=0)
        np.testing.assert_allclose(clip.probabilities, softmax(mean[None])[0], atol=1e-9)
        assert (clip.start, clip.end) == (plain[index].start, plain[index].end)


def test_a_clip_is_told_before_more_is_read(classifier: Classifier, noise: Callable) -> None:
    read = 0

    def blocks() -> Iterator[np.ndarray]:
        nonlocal read
        for block in noise(5).reshape(50, 800):
            read += block.size
            yield block

    for number, clip in enumerate(StreamClassifier(classifier)(blocks()), 1):
        assert clip.end == number
        assert read == 8000 * number


@pytest.mark.parametrize("seconds", [0.001, 0.4])
def test_a_stream_shorter_than_a_clip_is_refused(
    classifier: Classifier, noise: Callable, seconds: float
) -> None:
    with pytest.raises(DataError, match=rf"lasts {seconds:.2f} s, shorter than a clip of 1 s"):
        list(StreamClassifier(classifier)([noise(seconds)]))


def test_senseless_times_are_refused(classifier: Classifier) -> None:
    with pytest.raises(DataError, match=r"a hop of 1e-05 s is less than a sample at 8000 Hz"):
        StreamClassifier(classifier, hop_seconds=1e-5)
    with pytest.raises(DataError, match=r"over 0\.9 s is less than a clip of 1 s — .*--smooth"):
        StreamClassifier(classifier, smooth_seconds=0.9)
