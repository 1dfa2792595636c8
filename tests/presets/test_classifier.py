from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import soundfile

from dssd_tf.errors import DataError, ModelError
from dssd_tf.evaluation import KerasPredictor
from dssd_tf.presets import Classifier, PresetConfig
from dssd_tf.presets import classifier as module


@pytest.fixture
def classifier(model: keras.Model, config: PresetConfig) -> Classifier:
    return Classifier(
        KerasPredictor(model), config.features, 1.0, config.classes, config.coarse_classes
    )


@pytest.mark.parametrize("seconds", [1, 1.9, 5])
def test_whole_clips_are_averaged_over_the_classes(
    classifier: Classifier, noise: Callable, expected: Callable, seconds: float
) -> None:
    probabilities = classifier.classify(noise(seconds))
    assert probabilities.shape == (3,)
    assert probabilities.sum() == pytest.approx(1)
    np.testing.assert_allclose(probabilities, expected(noise(seconds)), atol=1e-5)


def test_batches_do_not_change_the_average(
    classifier: Classifier, noise: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = classifier.classify(noise(5))
    monkeypatch.setattr(module, "_BATCH", 2)
    np.testing.assert_allclose(classifier.classify(noise(5)), whole, atol=1e-6)


def test_a_file_is_the_waveform_it_holds(
    classifier: Classifier, recording: Path, noise: Callable
) -> None:
    expected = classifier.classify(noise(2.6))
    np.testing.assert_allclose(classifier.classify_file(recording), expected, atol=1e-6)
    ((path, label, probability),) = classifier.predict_files([recording])
    assert (path, label) == (recording, classifier.classes[int(expected.argmax())])
    assert probability == pytest.approx(expected.max())


def test_stereo_at_another_rate_is_converted(classifier: Classifier, tmp_path: Path) -> None:
    time = np.arange(24000) / 16000
    tone = 0.3 * np.sin(2 * np.pi * 700 * time)
    soundfile.write(tmp_path / "two.wav", np.stack([2 * tone, 0 * tone], 1), 16000, "FLOAT")
    soundfile.write(tmp_path / "one.wav", tone[::2], 8000, "FLOAT")
    found = [classifier.classify_file(tmp_path / f"{name}.wav") for name in ("two", "one")]
    np.testing.assert_allclose(*found, atol=0.05)


def test_a_short_recording_is_told_with_its_length(
    classifier: Classifier, noise: Callable, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"lasts 0\.50 s, shorter than a clip of 1 s"):
        classifier.classify(noise(0.5))
    soundfile.write(tmp_path / "short.wav", noise(0.5), 8000)
    with pytest.raises(DataError, match="shorter than a clip") as refused:
        classifier.classify_file(tmp_path / "short.wav")
    assert str(refused.value).startswith(f"{tmp_path / 'short.wav'}: ")


def test_what_is_no_mono_waveform_is_refused(classifier: Classifier, noise: Callable) -> None:
    with pytest.raises(DataError, match=r"got shape \(8000, 2\)"):
        classifier.classify(np.zeros((8000, 2)))
    with pytest.raises(DataError, match="NaN"):
        classifier.classify(np.append(noise(1)[:-1], np.nan))


def test_a_model_of_other_features_or_classes_is_refused(
    model: keras.Model, config: PresetConfig, noise: Callable
) -> None:
    predictor = KerasPredictor(model)
    with pytest.raises(ModelError, match=r"\(16, 16, 1\).*\(16, 16, 2\)"):
        other = config.features.model_copy(update={"deltas": True})
        Classifier(predictor, other, 1.0, config.classes)
    with pytest.raises(ModelError, match="has 4 outputs, but 3 classes"):
        Classifier(predictor, config.features, 1.0, config.classes).classify(noise(1))


def test_log_probabilities_of_clips(
    classifier: Classifier, noise: Callable, expected: Callable
) -> None:
    clips = noise(3).reshape(3, classifier.samples)
    found = classifier.log_probabilities(clips)
    assert found.shape == (3, 3)
    np.testing.assert_allclose(np.exp(found), [expected(clip) for clip in clips], atol=1e-5)
    with pytest.raises(DataError, match="NaN"):
        classifier.log_probabilities(np.full((1, 8000), np.nan))


def test_a_recording_that_lost_its_end_is_warned_of(
    classifier: Classifier, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classifier.classify_file(recording)
    assert capsys.readouterr().err == ""
    content = recording.read_bytes()
    recording.write_bytes(content[: len(content) // 2])
    classifier.classify_file(recording)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"warning: {recording}: header promises 2.60 s, the file ends at 1.")
