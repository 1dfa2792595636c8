from pathlib import Path
from typing import Any

import pytest
import yaml

from dssd_tf.errors import RecipeError
from dssd_tf.pipeline.sweep import sweep_points
from dssd_tf.pipeline.sweep.points import parse_grid, read_variants
from dssd_tf.recipe.loading import parse_overrides


def test_every_combination_with_seeds_slowest() -> None:
    points = sweep_points({"a.width": [1, 2], "b.on": [True]}, {}, [1, 2], [0, 1])
    assert len(points) == 8
    assert [point.name for point in points[:3]] == [
        "width=1_on=True/fold1_seed0",
        "width=2_on=True/fold1_seed0",
        "width=1_on=True/fold2_seed0",
    ]
    assert [point.seed for point in points] == [0] * 4 + [1] * 4
    assert len({point.name for point in points}) == 8


def test_variants_are_crossed_with_the_grid() -> None:
    variants = {"base": {}, "wide": {"model.name": "dsmn_s_wide"}}
    points = sweep_points({"features.n_mels": [64]}, variants, [1], [3])
    assert [point.configuration for point in points] == ["base_n_mels=64", "wide_n_mels=64"]
    assert points[1].settings == {"model.name": "dsmn_s_wide", "features.n_mels": 64}
    with pytest.raises(RecipeError, match=r"model\.name is in variant 'wide' and in the grid"):
        sweep_points({"model.name": ["x"]}, variants, [1], [0])
    with pytest.raises(RecipeError, match="at least one fold"):
        sweep_points({}, {}, [], [0])


@pytest.mark.parametrize(
    "value",
    [1, 1e-3, True, None, "text", "yes", [1, 2], [{"name": "mixup", "alpha": 0.3}], {"a": [1]}, []],
)
def test_settings_survive_the_command_line(value: Any) -> None:
    (point,) = sweep_points({"x.y": [value]}, {}, [2], [5])
    found = parse_overrides(point.overrides(Path("runs")))
    assert found == {"x": {"y": value}, "data": {"fold": 2}, "seed": 5}


def test_fold_seed_and_folder_are_filled_in(tmp_path: Path) -> None:
    teachers = ["{out}/wide/fold{fold}_seed{seed}", "{other}"]
    settings = {"distillation.teachers": teachers, "a.b": {"c": "{fold}", "d": 3}}
    (point,) = sweep_points({}, {"student": settings}, [2], [5])
    found = parse_overrides(point.overrides(tmp_path))
    assert found["distillation"]["teachers"] == [f"{tmp_path}/wide/fold2_seed5", "{other}"]
    assert found["a"]["b"] == {"c": "2", "d": 3}
    assert point.settings["distillation.teachers"] == teachers


def test_names_are_folders_and_differ() -> None:
    values = [[{"name": "mixup", "alpha": a}, {"name": "x" * 90}] for a in (0.1, 0.2)]
    points = sweep_points({"augmentation": values}, {}, [1], [0])
    names = {point.configuration for point in points}
    assert len(names) == 2
    assert all(len(name) <= 80 and "/" not in name and " " not in name for name in names)
    (plain,) = sweep_points({}, {}, [1], [0])
    assert plain.name == "recipe/fold1_seed0"


def test_a_grid_is_read_as_yaml() -> None:
    grid = parse_grid(["a.b=1,2.5,null", "c=[x, y],[]"])
    assert grid == {"a.b": [1, 2.5, None], "c": [["x", "y"], []]}
    for text, reason in (
        ("a.b", "not of the form"),
        ("a..b=1", "not of the form"),
        ("a=", "not of the form"),
        ("a=[1", "a: "),
    ):
        with pytest.raises(RecipeError, match=reason):
            parse_grid([text])
    with pytest.raises(RecipeError, match="given twice"):
        parse_grid(["a=1", "a=2"])


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([1], "must name variants"),
        ({}, "must name variants"),
        ({"a": 1}, "variant 'a' must be a mapping"),
        ({"a/b": {}}, "variant 'a/b' cannot name a folder"),
    ],
)
def test_a_file_of_variants_of_another_form(tmp_path: Path, found: Any, reason: str) -> None:
    path = tmp_path / "variants.yaml"
    path.write_text(yaml.safe_dump(found))
    with pytest.raises(RecipeError, match=reason) as caught:
        read_variants([path])
    assert str(caught.value).startswith(str(path))


def test_a_file_of_variants(tmp_path: Path) -> None:
    path = tmp_path / "variants.yaml"
    path.write_text("base: {}\nwide: {model.name: dsmn_s_wide}\n")
    assert read_variants([path]) == {"base": {}, "wide": {"model.name": "dsmn_s_wide"}}
    with pytest.raises(RecipeError, match="cannot be read"):
        read_variants([tmp_path / "none.yaml"])


def test_several_files_of_variants(tmp_path: Path) -> None:
    paths = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    paths[0].write_text("base: {}\n")
    paths[1].write_text("wide: {model.name: dsmn_s_wide}\n")
    assert list(read_variants(paths)) == ["base", "wide"]
    paths[1].write_text("base: {model.name: dsmn_s_wide}\n")
    with pytest.raises(RecipeError, match=r"b.yaml: names variant 'base', which another file has"):
        read_variants(paths)
    assert read_variants([]) == {}
