"""What a run's recipe says, in the words of a meta file."""

from typing import Any

from dssd_tf.files import read_json
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.recipe import Recipe


def run_in_words(run: RunFolder) -> dict[str, Any]:
    """Texts by key of `system.description`, of what the recipe settles."""
    recipe, packages = run.recipe(), read_json(run.environment)["packages"]
    return {
        "input_sampling_rate": f"{recipe.features.sampling_rate / 1000:g} kHz",
        "acoustic_features": recipe.features.describe(),
        "data_augmentation": ", ".join(a.describe() for a in recipe.augmentation) or "none",
        "machine_learning_method": f"CNN ({recipe.model.name})",
        "complexity_management": ", ".join(_management(recipe, run)) or None,
        "pipeline": ", ".join(_stages(recipe, run)),
        "framework": f"keras {packages['keras']}, tensorflow {packages['tensorflow']}",
    }


def _management(recipe: Recipe, run: RunFolder) -> list[str]:
    methods = {
        "ptq": "weight quantization (int8)",
        "qat": "quantization-aware fine-tuning (int8)",
        "float16": "precision_16",
    }
    found = ["knowledge distillation"] if recipe.distillation is not None else []
    method = run.quantization_method()
    return found + ([methods[method]] if method in methods else [])


def _stages(recipe: Recipe, run: RunFolder) -> list[str]:
    steps = ["train teachers"] if recipe.distillation is not None else []
    steps.append("training" if recipe.model.weights is None else "fine-tuning of a trained model")
    if run.quantization_method() != "none":
        steps.append("quantization")
    return steps
