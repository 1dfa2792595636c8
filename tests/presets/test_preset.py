import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.models import list_models
from dssd_tf.presets import PresetConfig, from_preset, open_classifier, save_to_preset
from dssd_tf.presets.class_names import COARSE_CLASSES, SCENES

_FRESH = """
import json, sys
from dssd_tf.presets import from_preset, open_classifier
preset = from_preset(sys.argv[1])
opened = open_classifier(sys.argv[1])
print(json.dumps([list(each.classify_file(sys.argv[2])) for each in (preset, opened)]))
"""


@pytest.mark.slow
def test_a_fresh_process_gives_the_same_probabilities(
    folder: Path, recording: Path, noise: Callable, expected: Callable
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FRESH, str(folder), str(recording)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for found in json.loads(done.stdout.splitlines()[-1]):
        np.testing.assert_allclose(found, expected(noise(2.6)), atol=1e-5)


def test_a_preset_needs_nothing_but_its_folder(
    folder: Path, tmp_path: Path, noise: Callable, expected: Callable, config: PresetConfig
) -> None:
    moved = tmp_path / "elsewhere" / "renamed"
    moved.parent.mkdir()
    shutil.move(folder, moved)
    preset = from_preset(str(moved))
    assert preset.config == config
    np.testing.assert_allclose(preset.classify(noise(3)), expected(noise(3)), atol=1e-5)


def test_the_int8_model_is_used_where_there_is_one(
    tmp_path: Path,
    model: keras.Model,
    config: PresetConfig,
    int8_content: bytes,
    noise: Callable,
    expected: Callable,
) -> None:
    folder = save_to_preset(tmp_path / "preset", model, config, int8=int8_content)
    whole = open_classifier(folder, use_float=True).classify(noise(3))
    np.testing.assert_allclose(whole, expected(noise(3)), atol=1e-5)
    int8 = open_classifier(folder).classify(noise(3))
    assert 1e-5 < np.abs(int8 - whole).max() < 0.2
    (folder / "model.keras").unlink()
    np.testing.assert_array_equal(open_classifier(folder).classify(noise(3)), int8)


def test_fresh_weights_are_not_those_of_the_folder(folder: Path, model: keras.Model) -> None:
    fresh = from_preset(folder, load_weights=False)
    assert fresh.model.input_shape == model.input_shape
    kernels = [each.get_layer("stem").get_weights()[0] for each in (fresh.model, model)]
    assert kernels[0].shape == kernels[1].shape
    assert np.abs(kernels[0] - kernels[1]).max() > 1e-3


@pytest.mark.parametrize("damage", ["missing", "half", "other"])
def test_a_missing_damaged_or_foreign_model_is_named(folder: Path, damage: str) -> None:
    path = folder / "model.keras"
    content = path.read_bytes()
    path.unlink()
    if damage == "half":
        path.write_bytes(content[: len(content) // 2])
    if damage == "other":
        inputs = keras.Input((5, 4, 1))
        keras.Model(inputs, keras.layers.Dense(4)(keras.layers.Flatten()(inputs))).save(path)
    for read in (from_preset, lambda folder: open_classifier(folder, use_float=True)):
        with pytest.raises(ModelError) as refused:
            read(folder)
        assert str(refused.value).startswith(f"{path}: ")
        assert "\n" not in str(refused.value)


def test_a_damaged_int8_model_is_named(folder: Path) -> None:
    (folder / "model_int8.tflite").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"model_int8\.tflite: is not a readable"):
        open_classifier(folder)


def test_classes_that_were_edited_no_longer_fit(folder: Path) -> None:
    path = folder / "preset.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps({**values, "classes": ["bus", "tram"]}))
    with pytest.raises(ModelError, match="has 4 outputs, but 2 classes"):
        from_preset(folder)


def test_names_have_no_published_weights() -> None:
    with pytest.raises(ModelError) as refused:
        from_preset("dsmn_s")
    assert "no weights of 'dsmn_s' are published" in str(refused.value)
    assert "load_weights=False" in str(refused.value)
    assert "dssd run" in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "shape", "seconds", "outputs"),
    [
        ("dsmn_s", (44, 256, 2), 1, 13),
        ("dssdn_small", (44, 256, 1), 1, 10),
        ("dssdn_paper_scale", (431, 256, 1), 10, 10),
        ("baseline_2022", (51, 40, 1), 1, 10),
        ("baseline_2024", (65, 256, 1), 1, 10),
    ],
)
def test_a_name_gives_random_weights_with_its_features(
    name: str, shape: tuple[int, int, int], seconds: float, outputs: int
) -> None:
    preset = from_preset(name, load_weights=False)
    assert preset.model.input_shape == (None, *shape)
    assert preset.config.input_shape == shape
    assert preset.config.clip_seconds == seconds
    assert preset.config.classes == SCENES
    assert preset.config.coarse_classes == (COARSE_CLASSES if outputs == 13 else ())
    assert preset.config.network == name
    assert preset.config.metrics == {}


def test_a_fresh_preset_of_a_name_classifies() -> None:
    preset = from_preset("baseline_2022", load_weights=False)
    samples = np.random.default_rng(0).normal(size=44100).clip(-3, 3) * 0.1
    probabilities = preset.classify(samples)
    assert probabilities.shape == (10,)
    assert probabilities.sum() == pytest.approx(1)


def test_features_that_no_source_states_are_not_made_up() -> None:
    with pytest.raises(ModelError, match="the features that 'cp_mobile' takes are not known"):
        from_preset("cp_mobile", load_weights=False)


def test_classes_of_other_outputs_are_not_made_up(small_network: str) -> None:
    from dssd_tf.models import model_config
    from dssd_tf.models.registry import register

    if "of_seven_for_tests" not in list_models():
        register(
            "of_seven_for_tests",
            model_config(small_network).constructor,
            "seven outputs, for tests",
            features={"deltas": False},
            input_shape=(44, 256, 1),
            classes=7,
        )
    with pytest.raises(ModelError, match="classes of the 7 outputs"):
        from_preset("of_seven_for_tests", load_weights=False)


def test_what_is_neither_folder_nor_name(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="unknown model 'dsnm_s' — did you mean dsmn_s"):
        from_preset("dsnm_s")
    for target in (tmp_path / "none", Path("none"), "./no/folder"):
        with pytest.raises(ModelError, match="no such preset"):
            from_preset(target)
    with pytest.raises(ModelError, match="is a file, not a preset"):
        from_preset(folder / "preset.json")
    with pytest.raises(ModelError, match=r"no preset\.json"):
        from_preset(tmp_path)


@pytest.mark.slow
def test_a_folder_that_has_a_networks_name(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, config: PresetConfig
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dsmn_f").mkdir()
    assert from_preset("dsmn_f", load_weights=False).config.outputs == 13
    folder.rename(tmp_path / "dsmn_s")
    assert from_preset("dsmn_s").config == config
