"""`dssd models import-dsmn`: on a state dict exported from a Keras DSMN with random weights."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import soundfile

from dssd_tf.files import read_json
from dssd_tf.models import load_model
from dssd_tf.presets.class_names import COARSE_CLASSES, SCENES


@pytest.fixture
def weights(tmp_path: Path, make_dsmn_state: Callable) -> tuple[Path, keras.Model]:
    model, state = make_dsmn_state()
    np.savez(tmp_path / "weights.npz", **state)
    return tmp_path / "weights.npz", model


@pytest.mark.slow
def test_weights_become_a_preset_that_predicts(
    dssd: Callable, weights: tuple[Path, keras.Model], tmp_path: Path
) -> None:
    path, model = weights
    out = tmp_path / "preset"
    result = dssd("models", "import-dsmn", path, out, "--licence", "theirs")
    assert result.code == 0
    assert f"{out}: DSMN, " in result.err
    config = read_json(out / "preset.json")
    assert config["classes"] == list(SCENES)
    assert config["coarse_classes"] == list(COARSE_CLASSES)
    assert config["licence"] == "theirs"
    assert "technical report 61" in config["source"] and "weights.npz" in config["source"]
    assert config["metrics"]["parameters"] == sum(
        int(np.prod(v.shape)) for v in model.trainable_variables
    )
    inputs = np.random.default_rng(0).normal(size=(2, 44, 256, 2)).astype(np.float32)
    imported = load_model(out / "model.keras")
    np.testing.assert_allclose(
        imported(inputs, training=False), model(inputs, training=False), atol=1e-5
    )
    audio = np.random.default_rng(1).normal(size=60000).clip(-3, 3) * 0.1
    soundfile.write(tmp_path / "noise.wav", audio, 44100)
    label, probability = dssd("predict", out, tmp_path / "noise.wav").out.strip().split("\t")[1:]
    assert label in SCENES
    assert 0.1 <= float(probability) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("outputs", "given", "classes", "coarse"),
    [
        (10, None, list(SCENES), []),
        (3, "cafe,forest, train", ["cafe", "forest", "train"], []),
        (5, "cafe,forest", ["cafe", "forest"], list(COARSE_CLASSES)),
        (5, "cafe,forest,indoor,outdoor,transportation", ["cafe", "forest"], list(COARSE_CLASSES)),
    ],
)
def test_classes_by_the_outputs(
    dssd: Callable,
    make_dsmn_state: Callable,
    tmp_path: Path,
    outputs: int,
    given: str | None,
    classes: list[str],
    coarse: list[str],
) -> None:
    np.savez(tmp_path / "weights.npz", **make_dsmn_state(outputs)[1])
    options = () if given is None else ("--classes", given)
    assert (
        dssd("models", "import-dsmn", tmp_path / "weights.npz", tmp_path / "p", *options).code == 0
    )
    config = read_json(tmp_path / "p" / "preset.json")
    assert (config["classes"], config["coarse_classes"]) == (classes, coarse)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "has 4 outputs, whose classes are not known — name them with --classes"),
        (("--classes", "cafe,forest,train"), "has 4 outputs, but 3 classes (cafe, forest, train)"),
        (("--classes", "cafe,cafe,train,bus"), "classes named twice: cafe"),
    ],
)
def test_classes_that_do_not_fit(
    dssd: Callable, make_dsmn_state: Callable, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    np.savez(tmp_path / "weights.npz", **make_dsmn_state(4)[1])
    result = dssd("models", "import-dsmn", tmp_path / "weights.npz", tmp_path / "p", *options)
    assert result.code == 2
    assert told in result.line
    assert not (tmp_path / "p").exists()


def test_weights_of_another_network_are_named(
    dssd: Callable, make_dsmn_state: Callable, tmp_path: Path
) -> None:
    state = make_dsmn_state()[1]
    del state["conv2.norm.bias"]
    np.savez(tmp_path / "weights.npz", **state)
    result = dssd("models", "import-dsmn", tmp_path / "weights.npz", tmp_path / "p")
    assert result.code == 2
    assert f"{tmp_path / 'weights.npz'}: the state dict lacks conv2.norm.bias" in result.line
    missing = dssd("models", "import-dsmn", tmp_path / "none.npz", tmp_path / "p")
    assert f"{tmp_path / 'none.npz'}: no such file" in missing.line
    assert missing.line.count("none.npz") == 1


@pytest.mark.slow
def test_an_old_preset_is_replaced_only_when_told(
    dssd: Callable, weights: tuple[Path, keras.Model], tmp_path: Path
) -> None:
    path, _ = weights
    out = tmp_path / "preset"
    out.mkdir()
    refused = dssd("models", "import-dsmn", path, out, "--overwrite")
    assert refused.code == 2
    assert f"{out}: exists and is not a preset" in refused.line
    out.rmdir()
    assert dssd("models", "import-dsmn", path, out).code == 0
    refused = dssd("models", "import-dsmn", path, out)
    assert refused.code == 2
    assert "--overwrite" in refused.line
    assert dssd("models", "import-dsmn", path, out, "--overwrite", "--source", "me").code == 0
    assert read_json(out / "preset.json")["source"] == "me"
