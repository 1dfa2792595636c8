import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.explaining import explain_file
from dssd_tf.pipeline.kept_explanations import keep_explanation
from dssd_tf.pipeline.predicting import run_classifier
from dssd_tf.report import write_report


@pytest.fixture
def run(finished_run: Path, tmp_path: Path) -> RunFolder:
    return RunFolder(shutil.copytree(finished_run, tmp_path / "run"))


def test_questions_are_kept_beside_each_other_and_the_same_one_once(
    run: RunFolder, tmp_path: Path
) -> None:
    classifier = run_classifier(run)
    path = tmp_path / "a noisy day.wav"
    noise = np.random.default_rng(0).normal(scale=0.05, size=88200)
    soundfile.write(path, noise, 44100)
    asked = [(0.0, "tram"), (1.0, "tram"), (0.0, "park"), (0.0, "tram")]
    for at, label in asked:
        found = explain_file(classifier, path, at=at, label=label, patches=(2, 2))
        table = keep_explanation(run, classifier, "int8", path, found)
    clips = json.loads(table.read_text())["clips"]
    assert [(clip["start"], clip["label"]) for clip in clips] == asked[1:]
    files = {name for clip in clips for name in (clip["picture"], clip["audio"])}
    assert {p.name for p in run.explanations.iterdir()} == files | {"explanations.json"}
    assert all(name.startswith("a_noisy_day_") for name in files)
    sound, _ = soundfile.read(run.explanations / clips[0]["audio"])
    np.testing.assert_allclose(sound, noise[44100:], atol=1e-3)
    assert clips[0]["low_half"] == pytest.approx(
        explain_file(classifier, path, at=1.0, label="tram", patches=(2, 2)).occlusion.low
    )
    assert "a_<wbr>noisy" not in (page := write_report(run.path).read_text())
    assert page.count("a noisy day.wav</strong>") == 3
