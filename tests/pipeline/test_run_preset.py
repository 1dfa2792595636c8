import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dssd_tf.errors import DssdError, ModelError, RunError
from dssd_tf.evaluation import open_predictor
from dssd_tf.files import read_json
from dssd_tf.models import load_model
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.predicting import predict_files, run_classifier, target_classifier
from dssd_tf.pipeline.run_preset import preset_from_run
from dssd_tf.presets import open_classifier, read_preset_config


@pytest.fixture(scope="session")
def preset(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The preset of the finished run; read it only."""
    folder = tmp_path_factory.mktemp("presets") / "fast"
    preset_from_run(RunFolder(finished_run), folder, licence="CC-BY-4.0")
    return folder


@pytest.fixture
def recordings(synthetic_set: Path, finished_run: Path) -> list[Path]:
    names = pd.read_csv(finished_run / "predictions.csv")["filename"].unique()[:3]
    return [synthetic_set / name for name in names]


def test_the_preset_holds_what_the_run_knows(preset: Path, finished_run: Path) -> None:
    run, config = RunFolder(finished_run), read_preset_config(preset)
    recipe = run.recipe()
    assert config.features == recipe.features
    assert config.clip_seconds == recipe.data.clip_seconds
    assert config.classes == recipe.data.classes
    assert config.coarse_classes == ()
    assert config.network == "dsmn_s"
    assert config.network_options == {"pattern": "SF", "widths": [8, 8]}
    assert config.licence == "CC-BY-4.0"
    assert config.source is not None and "recipe 'fast'" in config.source
    assert (preset / "model_int8.tflite").read_bytes() == run.int8_model.read_bytes()


def test_the_figures_are_those_of_the_run(preset: Path, finished_run: Path) -> None:
    found = read_preset_config(preset).metrics
    results = read_json(finished_run / "metrics.json")["systems"]
    costs = read_json(finished_run / "complexity.json")
    for system, rule in (("float", "macs_torchinfo"), ("int8", "macs_nessi_tflite")):
        expected = {key: results[system][key] for key in ("samples", "macro_accuracy", "log_loss")}
        expected |= {key: costs[system][key] for key in ("parameters", "size_bytes", rule)}
        assert found[system] == expected
    assert "synthetic recordings" in str(found["measured_on"])
    assert "fold 1" in str(found["measured_on"])


def test_nothing_tells_where_the_run_lay(
    preset: Path, finished_run: Path, synthetic_set: Path
) -> None:
    for name in ("preset.json", "README.md"):
        text = (preset / name).read_text()
        assert str(synthetic_set.parent) not in text
        assert str(finished_run.parent) not in text


@pytest.mark.parametrize("use_float", [False, True])
def test_run_and_preset_predict_the_same(
    preset: Path, finished_run: Path, recordings: list[Path], use_float: bool
) -> None:
    run = RunFolder(finished_run)
    of_run = list(predict_files(run, recordings, use_float=use_float))
    of_preset = list(open_classifier(preset, use_float=use_float).predict_files(recordings))
    assert of_run == of_preset
    table = pd.read_csv(finished_run / "predictions.csv").query(
        "system == @system", local_dict={"system": "float" if use_float else "int8"}
    )
    labels = table.set_index("filename")["predicted"]
    assert [label for _, label, _ in of_preset] == [
        labels[f"{path.parent.name}/{path.name}"] for path in recordings
    ]


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same(
    preset: Path, finished_run: Path, recordings: list[Path]
) -> None:
    code = "import sys; from dssd_tf.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "predict", preset, *recordings],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    expected = [
        f"{path}\t{label}\t{probability:.4f}"
        for path, label, probability in predict_files(RunFolder(finished_run), recordings)
    ]
    assert done.stdout.splitlines() == expected


def test_a_folder_is_taken_for_what_it_holds(
    preset: Path, finished_run: Path, recordings: list[Path], tmp_path: Path
) -> None:
    found = [
        target_classifier(folder).classify_file(recordings[0]) for folder in (preset, finished_run)
    ]
    np.testing.assert_array_equal(*found)
    with pytest.raises(RunError, match=r"no recipe\.yaml.*no preset\.json"):
        target_classifier(tmp_path)


def test_a_model_of_another_recipe_is_refused(run: RunFolder) -> None:
    text = run.recipe_file.read_text()
    run.recipe_file.write_text(text.replace("n_mels: 32", "n_mels: 64"))
    assert text != run.recipe_file.read_text()
    with pytest.raises(ModelError, match=r"takes input .*32, 2\).*64, 2\)") as refused:
        run_classifier(run)
    assert str(run.int8_model) in str(refused.value)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("model.keras", "train"),
        ("model_int8.tflite", "quantize"),
        ("metrics.json", "evaluate"),
        ("complexity.json", "complexity"),
    ],
)
def test_an_unfinished_run_names_the_command(
    run: RunFolder, tmp_path: Path, name: str, command: str
) -> None:
    (run.path / name).unlink()
    with pytest.raises(RunError) as refused:
        preset_from_run(run, tmp_path / "preset")
    assert str(run.path / name) in str(refused.value)
    assert f"dssd {command} {run.path}" in str(refused.value)
    assert not (tmp_path / "preset").exists()


@pytest.mark.parametrize("name", ["model.keras", "model_int8.tflite", "metrics.json"])
def test_a_damaged_file_is_named(run: RunFolder, tmp_path: Path, name: str) -> None:
    (run.path / name).write_bytes(b"damaged")
    with pytest.raises(DssdError) as refused:
        preset_from_run(run, tmp_path / "preset")
    assert str(run.path / name) in str(refused.value)
    assert list(tmp_path.glob("*preset*")) == []


def test_metrics_of_other_classes_are_refused(run: RunFolder, tmp_path: Path) -> None:
    values = read_json(run.metrics)
    first, second = values["classes"][:2]
    text = run.recipe_file.read_text()
    run.recipe_file.write_text(text.replace(f"- {first}\n", f"- {first}_x\n"))
    assert text != run.recipe_file.read_text()
    with pytest.raises(RunError, match=f"{first}_x, {second}"):
        preset_from_run(run, tmp_path / "preset")


def test_a_run_without_quantization_gives_the_float_model(run: RunFolder, tmp_path: Path) -> None:
    run.int8_model.unlink()
    run.quantization.unlink()  # as it was before the first quantizing
    text = run.recipe_file.read_text()
    run.recipe_file.write_text(text.replace("method: ptq", "method: none"))
    for path in (run.metrics, run.complexity):
        values = read_json(path)
        (values["systems"] if path == run.metrics else values).pop("int8")
        path.write_text(json.dumps(values))
    table = pd.read_csv(run.predictions)
    table[table["system"] == "float"].to_csv(run.predictions, index=False)
    config = preset_from_run(run, tmp_path / "preset")
    assert not (tmp_path / "preset" / "model_int8.tflite").exists()
    assert set(config.metrics) == {"measured_on", "float"}
    model = load_model(tmp_path / "preset" / "model.keras")
    assert model.output_shape == (None, len(config.classes))
    assert open_predictor(run.float_model).input_shape == config.input_shape


def test_an_old_preset_is_kept_unless_told(run: RunFolder, tmp_path: Path) -> None:
    folder = tmp_path / "preset"
    preset_from_run(run, folder)
    with pytest.raises(ModelError, match="--overwrite"):
        preset_from_run(run, folder, source="other")
    preset_from_run(run, folder, source="other", overwrite=True)
    assert read_preset_config(folder).source == "other"
    with pytest.raises(ModelError, match="exists and is not a preset"):
        preset_from_run(run, run.path, overwrite=True)
    assert run.recipe_file.is_file()
