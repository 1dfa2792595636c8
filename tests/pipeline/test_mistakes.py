import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile

from dssd_tf.evaluation.predictions import read_predictions
from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.mistakes import MOST, _surest, write_mistakes


def test_a_finished_run_keeps_its_surest_mistakes(finished_run: Path) -> None:
    run = RunFolder(finished_run)
    found = json.loads((run.mistakes / "mistakes.json").read_text())
    assert found["system"] == "int8"
    table = read_predictions(run.predictions)
    table = table[table["system"] == "int8"].set_index("filename")
    wrong = table[table["predicted"] != table["scene_label"]]
    classes = list(table.columns[5:])
    sureness = wrong[classes].max(axis=1).groupby(wrong["recording"]).max()
    assert len(found["clips"]) == min(MOST, len(sureness)) > 0
    expected = sorted(sureness, reverse=True)[: len(found["clips"])]
    assert [clip["probability"] for clip in found["clips"]] == pytest.approx(expected, abs=1e-6)
    for clip in found["clips"]:
        row = table.loc[clip["filename"]]
        assert (clip["label"], clip["predicted"]) == (row["scene_label"], row["predicted"])
        assert clip["label_probability"] == pytest.approx(row[clip["label"]], abs=1e-6)
        picture = (run.mistakes / clip["picture"]).read_bytes()
        assert picture.startswith(b"\x89PNG")
        sound, rate = soundfile.read(io.BytesIO((run.mistakes / clip["audio"]).read_bytes()))
        assert rate == run.recipe().features.sampling_rate
        original, _ = soundfile.read(run.recipe().data.root / clip["filename"])
        np.testing.assert_allclose(sound, original.clip(-1, 1), atol=1e-4)


def test_one_clip_of_a_recording_and_only_wrong_ones() -> None:
    clips = pd.DataFrame({"label": [0, 0, 0, 1, 1], "recording": ["x", "x", "y", "z", "w"]})
    logits = np.array([[0, 3], [0, 5], [0, 4], [0, 9], [1, 0]], np.float32)
    assert list(_surest(clips, logits)) == [1, 2, 4]
    many = pd.DataFrame({"label": [0] * 20, "recording": [str(n) for n in range(20)]})
    assert len(list(_surest(many, np.tile([[0.0, 1.0]], (20, 1))))) == MOST


def test_a_recording_that_is_gone_is_told_and_the_picture_kept(
    run: RunFolder,
    finished_run: Path,
    changed_workspace: Callable[..., Workspace],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    workspace = changed_workspace()
    logits = np.zeros((len(workspace.dataset.test), len(workspace.dataset.classes)), np.float32)
    logits[:, 0] = 9
    store, dataset = workspace.store, workspace.dataset
    gone = SimpleNamespace(
        recipe=workspace.recipe, root=tmp_path / "gone", store=store, dataset=dataset
    )

    def predictor(features: np.ndarray) -> np.ndarray:
        return np.tile(logits[:1], (len(features), 1))

    write_mistakes(run, gone, "float", predictor, logits)  # type: ignore[arg-type]
    found = json.loads((run.mistakes / "mistakes.json").read_text())
    assert found["system"] == "float"
    assert all(clip["audio"] is None for clip in found["clips"])
    assert sorted(path.name for path in run.mistakes.iterdir()) == sorted(
        ["mistakes.json", *(clip["picture"] for clip in found["clips"])]
    )
    assert "not kept to be heard: " in capsys.readouterr().err
