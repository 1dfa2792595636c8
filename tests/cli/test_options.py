import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.cli.options import is_model_file, read_recipe


@pytest.mark.parametrize("name", ["plain", "it's", 'a "set"', "both ' and \"", "back\\slash", "é"])
def test_any_folder_name_can_be_given_as_data(
    write_recipe: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    options = argparse.Namespace(data=tmp_path / name, set=["seed=3"])
    recipe = read_recipe(write_recipe(), options)
    assert recipe.data.root == tmp_path / name
    assert recipe.seed == 3


def test_model_files_are_told_by_their_suffix() -> None:
    assert is_model_file(Path("a/model.keras"))
    assert is_model_file(Path("model_int8.tflite"))
    assert not is_model_file(Path("run"))
