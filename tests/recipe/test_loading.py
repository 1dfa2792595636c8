from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dssd_tf.data import DataConfig
from dssd_tf.errors import RecipeError, RecipeFaults
from dssd_tf.features import LogMelConfig
from dssd_tf.recipe import Recipe, dump_recipe, load_recipe
from dssd_tf.recipe.loading import differing_keys, parse_overrides, tell_differences
from dssd_tf.training import OptimizerConfig, TrainingConfig


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _refusal(path: Path, *overrides: str) -> str:
    with pytest.raises(RecipeError) as caught:
        load_recipe(path, overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    return _write(tmp_path / "minimal.yaml", "name: minimal\n")


def test_every_error_comes_at_once_with_its_path_and_the_nearest_name(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "bad.yaml",
        "name: bad\nseed: -1\ntraining: {epohcs: 5, optimizer: {name: adamx}}\nfeatrues: {}\n",
    )
    with pytest.raises(RecipeFaults) as caught:
        load_recipe(path)
    message = str(caught.value)
    assert message.splitlines() == list(caught.value.lines)
    assert [line.startswith(f"{path}: ") for line in caught.value.lines] == [True] * 4
    assert f"{path}: seed: " in message
    assert "found -1" in message
    assert f"{path}: training.epohcs: unknown key, did you mean 'epochs'?" in message
    assert f"{path}: training.optimizer.name: " in message
    assert "found 'adamx'" in message
    assert f"{path}: featrues: unknown key, did you mean 'features'?" in message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[1, 2]", "must be a mapping"),
        ("", "must be a mapping"),
        ("name: [", "not valid YAML"),
        ("name: a\nname: b\n", "gives the key 'name' twice"),
        ("name: a\nextends: 5\n", "extends: must be a file name, found 5"),
        ("name: a\nextends: none.yaml\n", "no such recipe"),
        ("name: a\n1: x\n", "1"),
        ("name: a\ntraining: 5\n", "training: "),
        ("name: a\nfeatures: {win_length: 9999}\n", "win_length 9999 exceeds n_fft 4096"),
    ],
)
def test_what_is_no_recipe_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    assert reason in _refusal(_write(tmp_path / "bad.yaml", text))


def test_a_recording_is_no_recipe(tmp_path: Path) -> None:
    path = tmp_path / "s.wav"
    path.write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(300_000))
    assert _refusal(path) == f"{path}: is no recipe: it holds no text"
    over = _write(tmp_path / "over.yaml", "extends: s.wav\nname: over\n")
    assert "s.wav: is no recipe" in _refusal(over)


def test_missing_file_and_folder_are_told(tmp_path: Path, minimal: Path) -> None:
    assert "no such recipe" in _refusal(tmp_path / "none.yaml")
    assert "is a folder" in _refusal(tmp_path)
    assert "cannot be read" in _refusal(minimal / "inner.yaml")


def test_a_recipe_extends_another_key_by_key(tmp_path: Path) -> None:
    _write(
        tmp_path / "base.yaml",
        "name: base\nseed: 3\ntraining: {epochs: 7, optimizer: {name: sgd, momentum: 0.5}}\n"
        "augmentation: [{name: mixup, alpha: 0.3}]\n",
    )
    path = _write(
        tmp_path / "over.yaml",
        "extends: base.yaml\nname: over\ntraining: {optimizer: {momentum: 0.8}}\n"
        "augmentation: []\n",
    )
    recipe = load_recipe(path)
    assert (recipe.name, recipe.seed, recipe.training.epochs) == ("over", 3, 7)
    assert recipe.training.optimizer.name == "sgd"
    assert recipe.training.optimizer.momentum == 0.8
    assert recipe.augmentation == ()


def test_two_levels_are_refused(tmp_path: Path) -> None:
    _write(tmp_path / "a.yaml", "name: a\n")
    inner = _write(tmp_path / "b.yaml", "extends: a.yaml\nname: b\n")
    message = _refusal(_write(tmp_path / "c.yaml", "extends: b.yaml\nname: c\n"))
    assert str(inner) in message
    assert "only one level" in message


def test_overrides_come_last_and_in_order(minimal: Path) -> None:
    recipe = load_recipe(
        minimal,
        [
            "training.epochs=5",
            "training.optimizer.learning_rate=1e-3",
            "training.epochs=6",
            "data.classes=[bus, tram]",
            "augmentation=[{name: mixup, alpha: 2.5e-1}]",
            "model.options.widths=[8, 8]",
            "model.options.dropout=1e-2",
            "features.fmax=null",
            "description='a=b'",
        ],
    )
    assert recipe.training.epochs == 6
    assert recipe.training.optimizer.learning_rate == 1e-3
    assert recipe.data.classes == ("bus", "tram")
    assert recipe.augmentation[0].alpha == 0.25
    assert recipe.model.options == {"widths": [8, 8], "dropout": 0.01}
    assert recipe.features.fmax is None
    assert recipe.description == "a=b"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("training.epochs", "not of the form a.b=value"),
        ("=5", "not of the form a.b=value"),
        ("training..epochs=5", "not of the form a.b=value"),
        ("training.epochs=[1", "not valid YAML"),
        ("name=2024-99-99", "cannot be read"),
        ("training.epochs=", "training.epochs: "),
        ("training.epohcs=5", "did you mean 'epochs'?"),
        ("training=5", "training: "),
    ],
)
def test_a_bad_override_is_told(minimal: Path, text: str, reason: str) -> None:
    assert reason in _refusal(minimal, text)


def test_overrides_alone_nest_and_the_later_one_holds() -> None:
    texts = ["a.b=1", "a.c=[2, x]", "a.b=3", "d=null"]
    assert parse_overrides(texts) == {"a": {"b": 3, "c": [2, "x"]}, "d": None}
    assert parse_overrides([]) == {}
    with pytest.raises(RecipeError, match="'a' is not of the form"):
        parse_overrides(["a"])


def test_paths_are_relative_to_the_file_that_holds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    _write(tmp_path / "base" / "base.yaml", "name: base\ndata: {root: set, cache: store}\n")
    path = _write(
        tmp_path / "mine" / "mine.yaml",
        "extends: ../base/base.yaml\nchallenge: {entry: entry.yaml}\n"
        "data: {cache: /absolute, evaluation: eval}\n",
    )
    recipe = load_recipe(path)
    assert recipe.data.root == tmp_path / "base" / "set"
    assert recipe.data.cache == Path("/absolute")
    assert recipe.data.evaluation == Path("eval"), "relative to the data's root, not to the file"
    assert recipe.challenge.entry == tmp_path / "mine" / "entry.yaml"
    overridden = load_recipe(path, ["data.root=other", "challenge.entry=null"])
    assert overridden.data.root == here / "other"
    assert overridden.challenge.entry is None


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    recipe=st.builds(
        Recipe,
        name=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1),
        description=st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
        seed=st.integers(0, 2**31 - 1),
        data=st.builds(
            DataConfig,
            root=st.sampled_from([None, Path("/data/set"), Path("/data/it's a set")]),
            split=st.none() | st.integers(1, 100),
            classes=st.sampled_from([None, ("bus", "no"), ("1", "2"), ("null", "tram")]),
        ),
        features=st.builds(LogMelConfig, log_offset=st.floats(1e-12, 1e-2)),
        training=st.builds(
            TrainingConfig,
            epochs=st.integers(1, 500),
            optimizer=st.builds(OptimizerConfig, learning_rate=st.floats(1e-9, 1.0)),
        ),
    )
)
def test_what_is_dumped_loads_as_the_same_recipe(tmp_path: Path, recipe: Recipe) -> None:
    loaded = load_recipe(_write(tmp_path / "dumped.yaml", dump_recipe(recipe)))
    assert loaded == recipe
    assert differing_keys(loaded, recipe) == []


def test_a_dump_writes_every_default_out(minimal: Path) -> None:
    values = yaml.safe_load(dump_recipe(load_recipe(minimal)))
    assert set(values) == set(Recipe.model_fields)
    assert values["features"]["n_mels"] == 256
    assert values["training"]["optimizer"]["learning_rate"] == 1e-3


def test_every_recipe_of_the_repository_loads(repository: Path) -> None:
    # Those under `variants/` are laid over recipes by `dssd sweep`.
    paths = sorted((repository / "recipes").rglob("*.yaml"))
    paths = [path for path in paths if path.parent.name != "variants"]
    assert paths
    names = [load_recipe(path).name for path in paths]
    assert len(set(names)) == len(names)
    for path in paths:
        entry = load_recipe(path).challenge.entry
        assert entry is None or entry.is_file()


def test_differing_keys_are_dotted_paths() -> None:
    one = Recipe(name="x")
    other = Recipe.model_validate(
        {
            "name": "x",
            "seed": 1,
            "training": {"optimizer": {"momentum": 0.5}},
            "model": {"options": {"dropout": 0.1}},
        }
    )
    assert "training.optimizer.momentum" in differing_keys(one, other)
    assert "seed" in differing_keys(one, other)
    assert any(key.startswith("model.options") for key in differing_keys(one, other))
    assert not any(key.startswith("features") for key in differing_keys(one, other))
    assert differing_keys(one, other) == differing_keys(other, one)
    assert differing_keys(one, one) == []
    assert differing_keys(one, Recipe.model_validate({"name": "x", "data": {"workers": 1}})) == []


def test_augmentations_stand_in_the_order_of_their_domains(minimal: Path) -> None:
    listed = "augmentation=[{name: mixup}, {name: time_roll}]"
    with pytest.raises(RecipeError, match=r"time_roll .* must stand before mixup"):
        load_recipe(minimal, [listed])
    assert len(
        load_recipe(minimal, ["augmentation=[{name: time_roll}, {name: mixup}]"]).augmentation
    )


def test_folder_of_responses_is_relative_to_the_recipe(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("name: r\naugmentation:\n- {name: device_impulse_response, folder: ir}\n")
    (augment,) = load_recipe(path).augmentation
    assert Path(augment.folder) == tmp_path / "ir"


def test_teachers_and_bank_are_relative_to_the_recipe(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("name: x\ndistillation: {teachers: [runs/a, /abs/b], bank: bank}\n")
    distillation = load_recipe(path).distillation
    assert distillation is not None
    assert distillation.teachers == (tmp_path / "runs" / "a", Path("/abs/b"))
    assert distillation.bank == tmp_path / "bank"
    assert load_recipe(path, ["distillation=null"]).distillation is None
    again = tmp_path / "again.yaml"
    again.write_text(dump_recipe(load_recipe(path)))
    assert load_recipe(again) == load_recipe(path)


@pytest.mark.parametrize(
    ("distillation", "reason"),
    [
        ("{weight: 0.5}", "needs teachers or a bank"),
        ("{weight: 0}", "leaves nothing beside the labels"),
        ("{bank: b, bank_teachers: []}", "bank_teachers"),
        ("{teachers: [a], bank_teachers: [x]}", "without a bank"),
        ("{teachers: a}", r"distillation\.teachers"),
        ("{teachers: [a], temprature: 2}", "did you mean 'temperature'"),
    ],
)
def test_distillation_that_makes_no_sense(tmp_path: Path, distillation: str, reason: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(f"name: x\ndistillation: {distillation}\n")
    with pytest.raises(RecipeError, match=reason):
        load_recipe(path)


def test_differences_are_told_with_both_values() -> None:
    one = Recipe.model_validate({"name": "x", "seed": 1, "training": {"epochs": 3}})
    other = Recipe.model_validate({"name": "x", "seed": 2, "training": {"epochs": 60}})
    assert tell_differences(one, other) == (
        "seed is 1 there and 2 here; training.epochs is 3 there and 60 here"
    )
    assert tell_differences(one, other, most=1) == "seed is 1 there and 2 here; 1 more differ"
    assert tell_differences(one, one) == ""
    long = Recipe.model_validate(
        {"name": "x", "data": {"classes": [f"class {n}" for n in range(9)]}}
    )
    told = tell_differences(one, long, most=1)
    assert "data.classes is null there and [" in told and "... here; 2 more differ" in told
