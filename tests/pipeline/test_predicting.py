import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.errors import DataError, ModelError, RecipeError, RunError
from dssd_tf.evaluation.predictor import open_predictor, softmax
from dssd_tf.features import LogMelExtractor
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.predicting import predict_files, run_classifier, target_classifier
from dssd_tf.recipe import Recipe

RATE = 44100


@pytest.fixture
def finished(finished_run: Path) -> RunFolder:
    return RunFolder(finished_run)


def _noise(seconds: float, rate: int = RATE, channels: int = 1) -> np.ndarray:
    shape = (round(seconds * rate), channels)
    envelope = np.linspace(0.01, 0.3, shape[0])[:, None]
    return np.random.default_rng(0).normal(size=shape).clip(-3, 3) * envelope


def _write(path: Path, audio: np.ndarray, rate: int = RATE) -> Path:
    soundfile.write(path, audio, rate, subtype="FLOAT")
    return path


@pytest.mark.parametrize("use_float", [False, True])
def test_a_long_file_is_averaged_over_its_whole_clips(
    finished: RunFolder, tmp_path: Path, use_float: bool
) -> None:
    audio = _noise(3.6)
    path = _write(tmp_path / "long.wav", audio)
    ((found, label, probability),) = predict_files(finished, [path], use_float=use_float)
    recipe = finished.recipe()
    extract = LogMelExtractor(recipe.features)
    clips = audio[: 3 * RATE, 0].astype(np.float32).reshape(3, RATE)
    predictor = open_predictor(finished.float_model if use_float else finished.int8_model)
    expected = softmax(predictor(np.stack([extract(clip) for clip in clips]))).mean(axis=0)
    assert recipe.data.classes is not None
    assert found == path
    assert label == recipe.data.classes[int(expected.argmax())]
    assert probability == pytest.approx(expected.max(), abs=1e-6)


def test_clips_of_the_set_get_the_scores_of_the_evaluation(
    finished: RunFolder, synthetic_set: Path
) -> None:
    import pandas as pd

    table = pd.read_csv(finished.predictions)
    table = table[table["system"] == "int8"].head(4)
    files = [synthetic_set / name for name in table["filename"]]
    predicted = [label for _, label, _ in predict_files(finished, files)]
    assert predicted == list(table["predicted"])


def test_a_short_file_is_refused_with_its_length(finished: RunFolder, tmp_path: Path) -> None:
    path = _write(tmp_path / "short.wav", _noise(0.5))
    with pytest.raises(DataError, match=r"lasts 0\.50 s, shorter than a clip of 1 s") as caught:
        list(predict_files(finished, [path]))
    assert str(caught.value).startswith(f"{path}: ")


def test_stereo_at_another_rate_is_converted(finished: RunFolder, tmp_path: Path) -> None:
    path = _write(tmp_path / "stereo.wav", _noise(1.2, rate=48000, channels=2), rate=48000)
    ((_, label, probability),) = predict_files(finished, [path])
    assert label in (finished.recipe().data.classes or ())
    assert 0 < probability <= 1


def test_files_before_a_bad_one_are_still_predicted(finished: RunFolder, tmp_path: Path) -> None:
    good = _write(tmp_path / "good.wav", _noise(1))
    results = predict_files(finished, [good, tmp_path / "none.wav"])
    assert next(results)[0] == good
    with pytest.raises(DataError, match=r"none\.wav: no such recording"):
        next(results)


def test_a_run_without_a_model_names_the_command(run: RunFolder, tmp_path: Path) -> None:
    run.int8_model.unlink()
    run.float_model.unlink()
    with pytest.raises(RunError, match="dssd train"):
        list(predict_files(run, [tmp_path / "x.wav"]))


def test_a_file_in_a_run_s_folder_goes_by_its_recipe(finished: RunFolder) -> None:
    audio = _noise(2)[:, 0]
    for path, use_float in ((finished.int8_model, False), (finished.float_model, True)):
        expected = run_classifier(finished, use_float=use_float).classify(audio)
        found = target_classifier(path)
        np.testing.assert_array_equal(found.classify(audio), expected)
        assert found.classes == finished.recipe().data.classes


def test_a_file_elsewhere_goes_by_the_recipe_given(
    finished: RunFolder, tmp_path: Path, synthetic_set: Path, write_recipe: Callable[..., Path]
) -> None:
    from dssd_tf.recipe import load_recipe

    path, audio = Path(shutil.copy(finished.int8_model, tmp_path)), _noise(2)[:, 0]
    expected = run_classifier(finished).classify(audio)
    unresolved = load_recipe(write_recipe(data={"root": str(synthetic_set)}))
    assert unresolved.data.classes is None
    for recipe in (finished.recipe(), unresolved):
        found = target_classifier(path, recipe=recipe)
        np.testing.assert_array_equal(found.classify(audio), expected)
        assert found.classes == finished.recipe().data.classes


def test_a_recipe_given_goes_before_the_folder_s(finished: RunFolder) -> None:
    recipe = finished.recipe()
    renamed = tuple(f"class {i}" for i in range(len(recipe.data.classes or ())))
    data = recipe.data.model_copy(update={"classes": renamed})
    other = recipe.model_copy(update={"data": data})
    assert target_classifier(finished.int8_model, recipe=other).classes == renamed


def test_a_file_whose_features_are_not_known_is_refused(
    finished: RunFolder, tmp_path: Path, fast_values: dict
) -> None:
    path = Path(shutil.copy(finished.int8_model, tmp_path))
    with pytest.raises(RecipeError, match=r"outside a run or preset.* — give the recipe.*--recipe"):
        target_classifier(path)
    with pytest.raises(RecipeError, match="recipe 'fast' names no classes"):
        target_classifier(path, recipe=Recipe.model_validate(fast_values))
    wrong = {**fast_values, "features": {**fast_values["features"], "n_mels": 16}}
    wrong["data"] = {**wrong["data"], "classes": ["a", "b"]}
    with pytest.raises(ModelError, match="takes input") as refused:
        target_classifier(path, recipe=Recipe.model_validate(wrong))
    assert refused.value.path == path
    with pytest.raises(ModelError, match="no such model file"):
        target_classifier(tmp_path / "none.tflite")
