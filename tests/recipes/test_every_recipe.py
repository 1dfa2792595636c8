"""No recipe of the repository is forgotten: each is told of in its README, and runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.files import read_json
from dssd_tf.pipeline import run_recipe
from dssd_tf.recipe import load_recipe

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
PATHS = sorted(p for p in RECIPES.rglob("*.yaml") if p.parent.name != "variants")
NAMES = [str(path.relative_to(RECIPES)) for path in PATHS]
VARIANTS = sorted(RECIPES.rglob("variants/*.yaml"))

# Two steps on the CPU, without what takes time to compile.
FAST = [
    "data.fold=1",
    "data.validation_fraction=0",
    "data.evaluation=null",
    "training.epochs=1",
    "training.schedule.warmup_epochs=0",
    "training.form=convolution",
    "training.jit_compile=null",
    "quantization.method=none",
    "challenge.edition=null",
    "challenge.entry=null",
]


def test_every_folder_has_recipes_and_tells_of_each() -> None:
    folders = {path.name for path in RECIPES.iterdir() if path.is_dir()}
    assert {_folder(path).name for path in PATHS} == folders
    for path in [*PATHS, *VARIANTS]:
        told = (_folder(path) / "README.md").read_text(encoding="utf-8").replace("{", ",")
        assert path.name in told or f",{path.stem}," in told.replace("}.yaml", ","), path


def _folder(path: Path) -> Path:
    return RECIPES / path.relative_to(RECIPES).parts[0]


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_a_recipe_runs(path: Path, noise_set: Callable[[float], Path], tmp_path: Path) -> None:
    data = noise_set(load_recipe(path).data.clip_seconds)
    overrides = [*_on(data), *FAST]
    run = run_recipe(
        load_recipe(path, overrides), tmp_path / "run", ("features", "train", "evaluate")
    )
    assert len(run.history.read_text().splitlines()) == 2
    assert run.metrics.is_file()


# A recipe of each method; others differ in the network only, which tests/quantization tries.
QUANTIZED = {
    "ptq": "tau2022/cp_resnet.yaml",
    "qat": "dcase2024/residual_dssdn_f.yaml",
    "float16": "tau2022/baseline_2024.yaml",
}


def test_each_method_of_the_recipes_is_quantized_by_a_test() -> None:
    methods = {load_recipe(path).quantization.method for path in PATHS}
    assert methods - {"none"} == set(QUANTIZED)


@pytest.mark.slow
@pytest.mark.parametrize("method", QUANTIZED)
def test_a_recipe_is_quantized_and_within_its_edition(
    method: str, noise_set: Callable[[float], Path], tmp_path: Path
) -> None:
    path = RECIPES / QUANTIZED[method]
    data = noise_set(load_recipe(path).data.clip_seconds)
    kept = [text for text in FAST if not text.startswith(("quantization.", "challenge.edition"))]
    fine_tuning = ["quantization.fine_tuning.epochs=1"] if method == "qat" else []
    recipe = load_recipe(path, [*_on(data), *kept, *fine_tuning])
    assert recipe.quantization.method == method
    stages = ("features", "train", "quantize", "evaluate", "complexity")
    run = run_recipe(recipe, tmp_path / "run", stages)
    deployed = "float16" if method == "float16" else "int8"
    assert deployed in read_json(run.metrics)["systems"]
    assert read_json(run.complexity)["passed"] is True


def _on(data: Path) -> list[str]:
    """Overrides that place the data and make two steps of its training clips."""
    clips = (data / "evaluation_setup" / "fold1_train.csv").read_text().splitlines()
    return [f"data.root={data}", f"training.batch_size={len(clips) // 2}"]
