from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.errors import DataError, ModelError
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.explaining import explain_file
from dssd_tf.pipeline.predicting import run_classifier
from dssd_tf.presets import Classifier


@pytest.fixture(scope="module")
def classifier(finished_run: Path) -> Classifier:
    return run_classifier(RunFolder(finished_run))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """2.5 s; the second second is louder and higher."""
    noise = np.random.default_rng(0).normal(scale=0.02, size=round(2.5 * 44100))
    noise[44100:88200] += 0.2 * np.sin(2 * np.pi * 9000 * np.arange(44100) / 44100)
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise, 44100)
    return path


def test_a_clip_is_explained_by_the_model_that_predicts(
    classifier: Classifier, recording: Path
) -> None:
    found = explain_file(classifier, recording, at=1.0, patches=(3, 4))
    clip = classifier.read(recording)[44100:88200]
    np.testing.assert_allclose(
        found.occlusion.probabilities, classifier.classify(clip), rtol=1e-6, atol=1e-9
    )
    assert found.occlusion.effects.shape == (3, 4)
    assert found.picture.startswith(b"\x89PNG")
    other = explain_file(classifier, recording, patches=(3, 4))
    assert np.abs(other.occlusion.effects - found.occlusion.effects).max() > 0


def test_any_class_can_be_asked_about(classifier: Classifier, recording: Path) -> None:
    for index in (0, 9):
        found = explain_file(classifier, recording, label=classifier.classes[index])
        assert found.occlusion.label == index
    told = rf"{classifier.path}: knows no class 'library' — choose among airport, bus"
    with pytest.raises(ModelError, match=told):
        explain_file(classifier, recording, label="library")
    with pytest.raises(ModelError, match=r"no class 'trams', did you mean 'tram'\? — choose"):
        explain_file(classifier, recording, label="trams")


def test_patches_that_do_not_fit(classifier: Classifier, recording: Path) -> None:
    with pytest.raises(ModelError, match="99 patches of a time axis of 11"):
        explain_file(classifier, recording, patches=(99, 1))


@pytest.mark.parametrize("at", [1.6, -0.5, 9.0])
def test_there_must_be_a_whole_clip(classifier: Classifier, recording: Path, at: float) -> None:
    with pytest.raises(DataError, match=r"noise.wav: lasts 2.50 s: no clip of 1 s begins at"):
        explain_file(classifier, recording, at=at)
