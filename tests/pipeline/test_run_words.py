import pytest

from dssd_tf.files import read_json, write_json
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.run_words import run_in_words


def test_what_a_recipe_settles(run: RunFolder) -> None:
    words = run_in_words(run)
    packages = read_json(run.environment)["packages"]
    assert words["input_sampling_rate"] == "44.1 kHz"
    assert "32 bands" in words["acoustic_features"]
    assert words["data_augmentation"] == "mixup"
    assert "dsmn_s" in words["machine_learning_method"]
    assert words["framework"].endswith(f"tensorflow {packages['tensorflow']}")
    assert words["pipeline"] == "training, quantization"


@pytest.mark.parametrize(
    ("method", "found"),
    [("ptq", "int8"), ("qat", "fine-tuning"), ("float16", "precision_16"), ("none", None)],
)
def test_the_way_of_quantization_is_told(run: RunFolder, method: str, found: str | None) -> None:
    write_json(run.quantization, {"method": method})
    words = run_in_words(run)
    assert (words["complexity_management"] is None) == (found is None)
    assert found is None or found in words["complexity_management"]
    assert ("quantization" in words["pipeline"]) == (found is not None)


def test_a_fine_tuned_model_is_said_to_be_one(run: RunFolder) -> None:
    text = run.recipe_file.read_text(encoding="utf-8")
    assert "  weights: null\n" in text
    run.recipe_file.write_text(text.replace("  weights: null\n", "  weights: /other/run\n"))
    assert run_in_words(run)["pipeline"].startswith("fine-tuning of a trained model")
